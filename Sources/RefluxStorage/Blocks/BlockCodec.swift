/// How a block's payload is stored (SPEC.md, section 5.1).
package enum BlockCodec: UInt8, CaseIterable {
  case raw = 0
  case lz4 = 1
  case packed = 2
}
