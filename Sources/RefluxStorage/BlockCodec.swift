/// How a block's payload is stored (SPEC.md, section 4.2).
enum BlockCodec: UInt8 {
  case raw = 0
  case lz4 = 1
}
