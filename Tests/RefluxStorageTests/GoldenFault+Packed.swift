import TestSupport

/// Faults in packed sets.
extension GoldenFault {
  static let packed = [
    head("packed-step-classes-0", "packed-counts", 0, 0),
    head("packed-step-classes-26", "packed-counts", 0, 26),
    head("packed-count-classes-0", "packed-counts", 1, 0),
    head("packed-count-classes-17", "packed-counts", 1, 17),
    head("packed-count-classes-of-weights", "packed-float32", 1, 2),
    head("packed-length-bits", "packed-counts", 2, 26),
    head("packed-reserved", "packed-counts", 3, 1),
    head("packed-stream-sizes", "packed-counts", 4, 255),
    changed("packed-too-short", "packed-empty-sets", 0) { $0.set(27, at: $1 - 32, width: 4) },
    changed("packed-stream-shifted", "packed-counts", 0) {
      $0.bytes[$1 + 4] += 1
      $0.bytes[$1 + 8] -= 1
    },
    code("packed-code-incomplete", "packed-counts") { $0 += 1 },
    code("packed-code-crowded", "packed-counts") { $0 -= 1 },
    code("packed-code-12-bits", "packed-counts") { $0 = 12 },
    code("packed-code-alone", "packed-single") { $0 = 2 },
    changed("packed-code-half", "packed-float32", 0) {
      let symbols = Int($0.bytes[$1])
      precondition(symbols % 2 == 1, "no half is left over")
      $0.bytes[$1 + 20 + symbols / 2] |= 0x10
    },
    changed("packed-code-of-nothing", "packed-empty-sets", 0) { $0.bytes[$1 + 20] = 1 },
    block("packed-length", "packed-float32") {
      // The same block under a smaller capacity.
      $0.set(4, at: 136 + 12, width: 4)
      $0.set(4, at: 152 + 12, width: 4)
      $0.set(1 + 4 * 6, at: 36, width: 4)
      $0.fixHeader()
    },
    changed("packed-length-sum", "packed-counts", 0) { $0.bytes[lengths(of: $0, $1)] ^= 1 },
    changed("packed-length-unused", "packed-counts", 0) {
      let bits = 10 * Int($0.bytes[$1 + 2])
      precondition(bits % 8 != 0, "no bit is left over")
      $0.bytes[lengths(of: $0, $1) + bits / 8] |= 0x80
    },
    changed("packed-stream-unused", "packed-counts", 0) {
      // The second stream leaves bits of its last byte over.
      let sizes = $0.number(at: $1 + 4, width: 4) + $0.number(at: $1 + 8, width: 4)
      $0.bytes[streams(of: $0, $1, records: 10) + Int(sizes) - 1] |= 0x80
    },
    block("packed-rank", "packed-counts") {
      // The last id is no longer one of the vocabulary.
      $0.set(299, at: 40, width: 4)
      $0.set(299, at: 44, width: 4)
      $0.bytes[$0.headerBytes + 149] &= 0x0F
      $0.fixDictionary()
      $0.fixHeader()
    },
    changed("packed-end", "packed-counts", 0) {
      $0.bytes[$1 + Int($0.number(at: $1 - 32, width: 4)) - 1] = 1
    },
    block("packed-set-counts", "packed-counts") {
      $0.set(7, at: 96, width: 4)
      $0.fixHeader()
    },
    block("packed-65536-rounds", "packed-counts") {
      // What the block would be if its rounds were too many.
      let pairs = ($0.number(at: $0.blockOffset(0) + 20, width: 4) - 10) / 3
      for (offset, value) in [(96, 65_536), (36, 2 + 300 * 6), (148, 300), (164, 300)] {
        $0.set(UInt64(value), at: offset, width: 4)
      }
      $0.bytes[120 + 8] = 2
      $0.bytes[152 + 8] = 4
      $0.set(20 + pairs * 6, at: $0.blockOffset(0) + 20, width: 4)
      $0.fixHeader()
      $0.fixBlock(0)
    },
    changed("packed-weight", "packed-float32", 0) {
      let sizes = (0..<4).map { [forge = $0, place = $1] stream in
        Int(forge.number(at: place + 4 + 4 * stream, width: 4))
      }
      let start = streams(of: $0, $1, records: 16) + sizes.reduce(0, +)
      $0.set(UInt64(Float.nan.bitPattern), at: start, width: 4)
    },
  ]

  private static func head(
    _ name: String, _ source: String, _ offset: Int, _ value: UInt8
  ) -> GoldenFault {
    changed(name, source, 0) { $0.bytes[$1 + offset] = value }
  }

  /// Another length for the first symbol that has a code of more than one bit, or any.
  private static func code(
    _ name: String, _ source: String, _ change: @escaping @Sendable (inout UInt8) -> Void
  ) -> GoldenFault {
    changed(name, source, 0) {
      let symbols = Int($0.bytes[$1]) * Int($0.bytes[$1 + 1])
      let lengths = (0..<symbols).map { [bytes = $0.bytes, place = $1] symbol in
        bytes[place + 20 + symbol / 2] >> UInt8(symbol % 2 * 4) & 15
      }
      guard let symbol = lengths.firstIndex(where: { $0 > 1 }) ?? lengths.firstIndex(of: 1)
      else { return }
      var length = lengths[symbol]
      change(&length)
      let shift = UInt8(symbol % 2 * 4)
      $0.bytes[$1 + 20 + symbol / 2] &= ~(15 << shift)
      $0.bytes[$1 + 20 + symbol / 2] |= length << shift
    }
  }

  private static func lengths(of forge: StoreForge, _ payload: Int) -> Int {
    payload + 20 + (Int(forge.bytes[payload]) * Int(forge.bytes[payload + 1]) + 1) / 2
  }

  private static func streams(of forge: StoreForge, _ payload: Int, records: Int) -> Int {
    lengths(of: forge, payload) + (records * Int(forge.bytes[payload + 2]) + 7) / 8
  }
}
