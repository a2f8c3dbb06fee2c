import TestSupport

/// Changes to the bytes of a store: blind ones, and ones that mend the checksums so that the code
/// behind them is reached.
enum StoreMutation {
  static let edges: [UInt64] = [
    0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x1_0000, 0xFF_FFFF,
    0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 62, 1 << 63, .max,
  ]

  static func mutate(_ bytes: [UInt8], using random: inout TestRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      change(&bytes, using: &random)
    }
    return bytes
  }

  private static func change(_ bytes: inout [UInt8], using random: inout TestRandom) {
    let offset = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[offset] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(offset...)
    case 3: bytes.insert(contentsOf: random.bytes(8), at: offset)
    case 4:
      let end = min(bytes.count, offset + Int.random(in: 1...64, using: &random))
      bytes.removeSubrange(offset..<end)
    case 5: copy(&bytes, to: offset, using: &random)
    default: set(&bytes, at: offset, using: &random)
    }
  }

  private static func copy(
    _ bytes: inout [UInt8], to target: Int, using random: inout TestRandom
  ) {
    let source = Int.random(in: 0..<bytes.count, using: &random)
    let count = min(Int.random(in: 1...64, using: &random), bytes.count - max(source, target))
    bytes.replaceSubrange(target..<target + count, with: Array(bytes[source..<source + count]))
  }

  /// Writes an edge value over an aligned number.
  private static func set(
    _ bytes: inout [UInt8], at offset: Int, using random: inout TestRandom
  ) {
    let width = [1, 2, 4, 8][Int.random(in: 0..<4, using: &random)]
    let start = offset / width * width
    guard start + width <= bytes.count else { return }
    var forge = StoreForge(bytes)
    forge.set(edges.randomElement(using: &random) ?? 0, at: start, width: width)
    bytes = forge.bytes
  }

  /// Gives every part of `bytes` that can be found a matching checksum.
  static func mend(_ bytes: [UInt8]) -> [UInt8] {
    var forge = StoreForge(bytes)
    guard bytes.count >= 128 + 80 else { return bytes }
    if (128...bytes.count).contains(forge.headerBytes) { forge.fixHeader() }
    if (0...bytes.count).contains(forge.firstBlock) { forge.fixDictionary() }
    var offset = forge.firstBlock
    for block in 0..<64 {
      guard offset + 48 <= bytes.count, forge.bytes[offset + 3] == 0x42 else { break }
      forge.fixBlock(at: offset, as: UInt64(block))
      offset += 48 + (Int(forge.number(at: offset + 16, width: 4)) + 7) / 8 * 8
    }
    forge.fixIndex()
    forge.fixTrailer()
    return forge.bytes
  }
}
