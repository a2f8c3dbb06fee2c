import TestSupport

/// Faults in blocks and in the records of plain ones.
extension GoldenFault {
  static let blocks = [
    block("block-checksum", "tokens-2-byte") { $0.bytes[$0.payload(1) + 1] ^= 0x10 },
    block("block-magic", "tokens-2-byte") { $0.bytes[$0.blockOffset(1)] ^= 0x10 },
    field("block-number", "tokens-2-byte", 1, 8, 8, 0),
    field("block-records", "tokens-2-byte", 1, 4, 4, 63),
    field("block-codec", "tokens-2-byte", 1, 24, 1, 3),
    field("block-packed-tokens", "tokens-2-byte", 1, 24, 1, 2),
    field("block-packed-without-dictionary", "samples-lz4", 0, 24, 1, 2),
    field("block-reserved", "tokens-2-byte", 1, 25, 1, 1),
    field("block-tokens-hash", "samples-float32", 0, 32, 8, 5),
    field("block-raw-bytes", "tokens-2-byte", 1, 20, 4, 1 << 31),
    field("block-raw-bytes-step", "tokens-2-byte", 1, 20, 4, 2 * 64 + 5),
    field("block-raw-bytes-less", "tokens-2-byte", 1, 20, 4, 2 * 64 - 4),
    field("block-raw-bytes-more", "tokens-2-byte", 1, 20, 4, 6 * 64 + 4),
    field("block-pairs-step", "samples-lz4", 0, 20, 4, 32 + 64 * 3 + 1),
    field("block-pairs-more", "samples-lz4", 0, 20, 4, 32 + (32 * 8 + 1) * 3),
    field("block-raw-shorter", "tokens-1-byte", 0, 20, 4, 18),
    field("block-lz4-not-smaller", "tokens-1-byte", 0, 24, 1, 1),
    field("block-lz4-longer", "tokens-2-byte", 1, 20, 4, 2 * 64 + 12),
    changed("block-lz4", "tokens-2-byte", 1) { $0.set(0xFF, at: $1, width: 1) },
    block("block-stored-bytes", "tokens-2-byte") {
      $0.set(0xFFFF_FFFF, at: $0.blockOffset(1) + 16, width: 4)
    },
    changed("block-gap", "tokens-1-byte", 0) {
      $0.set(14, at: $1 - 32, width: 4)
      $0.set(14, at: $1 - 28, width: 4)
    },
    block("blocks-swapped", "tokens-3-byte") {
      let (first, second) = ($0.blockOffset(0), $0.blockOffset(1))
      for index in 0..<$0.blockBytes(0) { $0.bytes.swapAt(first + index, second + index) }
    },
    block("block-of-another-file", "tokens-3-byte") {
      let id = $0.fileID
      $0.set(id + 1_000_000, at: 16, width: 8)
      $0.fixBlock(1)
      $0.set(id, at: 16, width: 8)
    },
    changed("document-order", "tokens-1-byte", 0) { $0.set(0, at: $1 + 10 + 4, width: 4) },
    changed("document-beyond-block", "tokens-1-byte", 0) { $0.set(10, at: $1 + 18, width: 4) },
    changed("document-first-missing", "tokens-1-byte", 0) { $0.set(1, at: $1 + 10, width: 4) },
  ]

  static let records = [
    changed("id-beyond-vocabulary", "tokens-4-byte", 0) { $0.set(1 << 31, at: $1, width: 4) },
    changed("set-length", "samples-float32", 0) { $0.set(0x01_04, at: $1, width: 2) },
    changed("set-length-sum", "samples-float32", 0) { $0.set(1, at: $1 + 1, width: 1) },
    changed("set-order", "samples-float32", 0) {
      $0.set(123, at: $1 + 2, width: 2)
      $0.set(7, at: $1 + 4, width: 2)
    },
    changed("set-twice", "samples-float32", 0) { $0.set(7, at: $1 + 4, width: 2) },
    changed("set-id", "samples-float32", 0) { $0.set(50_000, at: $1 + 6, width: 2) },
    weight("set-weight-nan", .nan),
    weight("set-weight-infinite", .infinity),
    weight("set-weight-negative", -1),
    weight("set-weight-negative-zero", -0.0),
    changed("set-weight-16-bit", "samples-float16", 0) { $0.set(0x7C00, at: $1 + 12, width: 2) },
    changed("set-counts", "samples-shard", 0) { $0.set(1, at: $1 + 10, width: 1) },
    changed("set-zero-count", "samples-shard", 0) { $0.set(0x02_00, at: $1 + 8, width: 2) },
    extra("mass-negative", 0, -1),
    extra("logsum-infinite", 1, .infinity),
    extra("entropy-nan", 2, .nan),
    extra("label-negative-zero", 3, -0.0),
    changed("power-negative", "samples-tempered", 1) {
      $0.set(UInt64(Float(-1).bitPattern), at: $1 + 23, width: 4)
    },
  ]

  static func block(
    _ name: String, _ source: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    GoldenFault(name, source, "damaged_block", change)
  }

  /// A change under a good checksum; it is given the place of the block's payload.
  static func changed(
    _ name: String, _ source: String, _ number: Int,
    _ change: @escaping @Sendable (inout StoreForge, Int) -> Void
  ) -> GoldenFault {
    block(name, source) {
      let before = $0.bytes
      change(&$0, $0.payload(number))
      precondition($0.bytes != before, "\(name) changes nothing")
      $0.fixBlock(number)
    }
  }

  /// Another value of a field of a block's header.
  private static func field(
    _ name: String, _ source: String, _ number: Int, _ offset: Int, _ width: Int, _ value: UInt64
  ) -> GoldenFault {
    changed(name, source, number) {
      $0.set(value, at: $1 - StoreForge.blockHeader + offset, width: width)
    }
  }

  private static func weight(_ name: String, _ value: Float) -> GoldenFault {
    changed(name, "samples-float32", 0) {
      $0.set(UInt64(value.bitPattern), at: $1 + 12, width: 4)
    }
  }

  /// Another value in the column of an optional field.
  private static func extra(_ name: String, _ field: Int, _ value: Float) -> GoldenFault {
    changed(name, "samples-extras", 0) {
      precondition($0.bytes[$1 - 24] == 0, "stored as it is")
      $0.set(UInt64(value.bitPattern), at: $1 + 11 + 8 * field, width: 4)
    }
  }
}
