import TestSupport

/// Faults in blocks, records, index and trailer.
extension GoldenFault {
  static let blocks = [
    block("block-checksum", "tokens-2-byte") { $0.bytes[$0.blockOffset(1) + 41] ^= 0x10 },
    block("block-magic", "tokens-2-byte") { $0.bytes[$0.blockOffset(1)] ^= 0x10 },
    fixedBlock("block-number", "tokens-2-byte", 1) { $0.set(0, at: $1 + 8, width: 8) },
    fixedBlock("block-records", "tokens-2-byte", 1) { $0.set(63, at: $1 + 4, width: 4) },
    fixedBlock("block-codec", "tokens-2-byte", 1) { $0.set(2, at: $1 + 24, width: 1) },
    fixedBlock("block-reserved", "tokens-2-byte", 1) { $0.set(1, at: $1 + 25, width: 1) },
    fixedBlock("block-raw-bytes", "tokens-2-byte", 1) { $0.set(1 << 31, at: $1 + 20, width: 4) },
    block("block-stored-bytes", "tokens-2-byte") {
      $0.set(0xFFFF_FFFF, at: $0.blockOffset(1) + 16, width: 4)
    },
    fixedBlock("block-lz4", "tokens-2-byte", 1) { $0.set(0xFF, at: $1 + 40, width: 1) },
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
    fixedBlock("document-start", "tokens-1-byte", 0) {
      let records = Int($0.number(at: $1 + 4, width: 4))
      $0.set(0, at: $1 + 40 + records + 4, width: 4)
    },
  ]

  static let records = [
    fixedBlock("id-beyond-vocabulary", "tokens-4-byte", 0) {
      $0.set(1 << 31, at: $1 + 40, width: 4)
    },
    fixedBlock("set-length", "samples-weights", 0) { $0.set(4, at: $1 + 40, width: 1) },
    fixedBlock("set-order", "samples-weights", 0) { $0.set(200, at: $1 + 42, width: 2) },
    fixedBlock("set-id", "samples-weights", 0) { $0.set(50_000, at: $1 + 46, width: 2) },
    fixedBlock("set-weight", "samples-weights", 0) {
      $0.set(UInt64(Float.nan.bitPattern), at: $1 + 54, width: 4)
    },
    fixedBlock("set-unused-slot", "samples-weights", 0) { $0.set(1, at: $1 + 52, width: 2) },
    fixedBlock("set-counts", "samples-raw", 1) { $0.set(2, at: $1 + 45, width: 1) },
    fixedBlock("set-zero-count", "samples-raw", 0) { $0.set(0, at: $1 + 50, width: 1) },
    fixedBlock("set-unused-count", "samples-raw", 0) { $0.set(1, at: $1 + 53, width: 1) },
  ]

  static let end = [
    GoldenFault("unsealed", "tokens-2-byte", "unsealed") {
      $0.bytes.removeSubrange($0.indexOffset...)
    },
    GoldenFault("cut-in-block", "tokens-2-byte", "unsealed") {
      $0.bytes.removeSubrange(($0.blockOffset(1) + 50)...)
    },
    GoldenFault("bytes-after-the-end", "tokens-2-byte", "unsealed") { $0.bytes += [0, 0, 0, 0] },
    index("index-checksum") { $0.bytes[$0.indexOffset + 8] ^= 1 },
    fixedIndex("index-magic") { $0.bytes[$0.indexOffset] ^= 1 },
    fixedIndex("index-block-offset") { $0.set(1 << 63, at: $0.indexOffset + 32, width: 8) },
    fixedIndex("index-first-block") {
      $0.set(UInt64($0.headerBytes + 8), at: $0.indexOffset + 24, width: 8)
    },
    fixedIndex("index-document") {
      $0.set(1 << 40, at: $0.indexOffset + 24 + 8 * $0.blockCount, width: 8)
    },
    fixedIndex("index-other-document") {
      $0.set(71, at: $0.indexOffset + 24 + 8 * $0.blockCount + 8, width: 8)
    },
    trailer("trailer-checksum") { $0.bytes[$0.trailerOffset] ^= 1 },
    fixedTrailer("trailer-records") { $0.set(1 << 62, at: $0.trailerOffset, width: 8) },
    fixedTrailer("trailer-blocks") { $0.set(.max, at: $0.trailerOffset + 8, width: 8) },
    fixedTrailer("trailer-documents") { $0.set(1 << 61, at: $0.trailerOffset + 16, width: 8) },
    fixedTrailer("trailer-compressed") { $0.set(0, at: $0.trailerOffset + 24, width: 8) },
    fixedTrailer("trailer-index-offset") { $0.set(8, at: $0.trailerOffset + 32, width: 8) },
    fixedTrailer("trailer-index-bytes") { $0.set(.max, at: $0.trailerOffset + 40, width: 8) },
    fixedTrailer("trailer-fingerprint") { $0.set(7, at: $0.trailerOffset + 48, width: 8) },
    fixedTrailer("trailer-file-bytes") { $0.set(1, at: $0.trailerOffset + 56, width: 8) },
  ]

  private static func block(
    _ name: String, _ source: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    GoldenFault(name, source, "damaged_block", change)
  }

  private static func fixedBlock(
    _ name: String, _ source: String, _ number: Int,
    _ change: @escaping @Sendable (inout StoreForge, Int) -> Void
  ) -> GoldenFault {
    block(name, source) {
      change(&$0, $0.blockOffset(number))
      $0.fixBlock(number)
    }
  }

  private static func index(
    _ name: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    GoldenFault(name, "tokens-2-byte", "damaged_index", change)
  }

  private static func fixedIndex(
    _ name: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    index(name) {
      change(&$0)
      $0.fixIndex()
    }
  }

  private static func trailer(
    _ name: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    GoldenFault(name, "tokens-2-byte", "damaged_trailer", change)
  }

  private static func fixedTrailer(
    _ name: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    trailer(name) {
      change(&$0)
      $0.fixTrailer()
    }
  }
}
