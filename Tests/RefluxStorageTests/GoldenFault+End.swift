import TestSupport

/// Faults in index and trailer, and in folders.
extension GoldenFault {
  static let end = [
    GoldenFault("unsealed", "tokens-2-byte", "unsealed") {
      $0.bytes.removeSubrange($0.indexOffset...)
    },
    GoldenFault("cut-in-block", "tokens-2-byte", "unsealed") {
      $0.bytes.removeSubrange(($0.blockOffset(1) + 50)...)
    },
    GoldenFault("bytes-after-the-end", "tokens-2-byte", "unsealed") { $0.bytes += [0, 0, 0, 0] },
    GoldenFault("index-checksum", "tokens-2-byte", "damaged_index") {
      $0.bytes[$0.indexOffset + 8] ^= 1
    },
    index("index-first-block", 0) { UInt64($0.firstBlock + 8) },
    index("index-block-beyond", 1) { _ in 1 << 63 },
    index("index-block-odd", 1) { UInt64($0.blockOffset(1) + 4) },
    index("index-block-close", 1) { UInt64($0.firstBlock + 40) },
    index("index-document", 3) { _ in 1 << 40 },
    index("index-other-document", 4) { _ in 71 },
    index("index-document-order", 5) { _ in 70 },
    index("index-first-document", 3) { _ in 1 },
    GoldenFault("trailer-checksum", "tokens-2-byte", "damaged_trailer") {
      $0.bytes[$0.trailerOffset] ^= 1
    },
    trailer("trailer-records", 0, 1 << 62),
    trailer("trailer-records-fewer", 0, 64),
    trailer("trailer-records-more", 0, 193),
    trailer("trailer-blocks", 8, .max),
    trailer("trailer-documents", 16, 1 << 61),
    trailer("trailer-documents-0", 16, 0),
    GoldenFault("trailer-documents-of-samples", "samples-counts", "damaged_trailer") {
      $0.set(1, at: $0.trailerOffset + 16, width: 8)
      $0.fixTrailer()
    },
    trailer("trailer-compressed", 24, 0),
    trailer("trailer-compressed-more", 24, 4),
    trailer("trailer-index-offset", 32, 8),
    trailer("trailer-index-bytes", 40, .max),
    trailer("trailer-fingerprint", 48, 7),
    trailer("trailer-file-bytes", 56, 1),
  ]

  static let folders = [
    manifest("manifest-text", { _ in "no JSON" }),
    manifest("manifest-format", replacing("reflux-manifest-1", "reflux-manifest-2")),
    manifest("manifest-kind", replacing("\"tokens\"", "\"sets\"")),
    GoldenFault(folder: "manifest-wrong-kind", "tokens-folder", "wrong_kind") {
      $0["manifest.json"] = rewritten(
        $0["manifest.json"], replacing("\"tokens\"", "\"samples\""))
    },
    manifest("manifest-no-shards", { _ in #"{"format": "reflux-manifest-1", "kind": "tokens"}"# }),
    manifest("manifest-slash", replacing("\"a.rfx\"", "\"./a.rfx\"")),
    manifest("manifest-first", replacing("\"first\": 5", "\"first\": 4")),
    manifest("manifest-shard-records", replacing("\"records\": 3", "\"records\": 4")),
    manifest("manifest-file-id", replacing("000000000000000c", "000000000000000d")),
    manifest("manifest-records", replacing("\"records\": 8", "\"records\": 9")),
    manifest("manifest-fingerprint", { replacingFirst($0, after: "\"fingerprint\": \"") }),
    manifest("manifest-shard-fingerprint", { replacingLast($0, after: "\"fingerprint\": \"") }),
    GoldenFault(folder: "manifest-shard-missing", "tokens-folder", "file") {
      $0["a.rfx"] = nil
    },
    GoldenFault(folder: "manifest-other-store", "tokens-folder", "manifest") {
      $0["b.rfx"]?.set(301, at: 40, width: 4)
      $0["b.rfx"]?.fixHeader()
    },
    GoldenFault(folder: "manifest-gap", "tokens-folder", "manifest") {
      // The second shard one position later, with everything else to match.
      $0["b.rfx"]?.set(6, at: 24, width: 8)
      $0["b.rfx"]?.fixHeader()
      let place = $0["b.rfx"]?.trailerOffset ?? 0
      $0["b.rfx"]?.set(positioned(at: 6), at: place + 48, width: 8)
      $0["b.rfx"]?.fixTrailer()
      $0["manifest.json"] = rewritten($0["manifest.json"]) {
        $0.replacing("\"first\": 5", with: "\"first\": 6")
          .replacing(hex(positioned(at: 5)), with: hex(positioned(at: 6)))
          .replacing(
            hex(positioned(at: 5) &+ firstShard), with: hex(positioned(at: 6) &+ firstShard))
      }
    },
    GoldenFault(folder: "manifest-shard-damaged", "tokens-folder", "damaged_block") {
      if let place = $0["b.rfx"]?.payload(0) { $0["b.rfx"]?.bytes[place] ^= 1 }
    },
  ]

  /// The fingerprint of the second shard's tokens from another position on.
  private static func positioned(at first: Int) -> UInt64 {
    TokenStoreTests.fingerprint([7, 8, 9], from: first)
  }

  /// The fingerprint of the first shard.
  private static let firstShard = TokenStoreTests.fingerprint([1, 2, 3, 4, 5])

  private static func hex(_ value: UInt64) -> String { GoldenDescription.hex(value) }

  private static func index(
    _ name: String, _ place: Int, _ value: @escaping @Sendable (StoreForge) -> UInt64
  ) -> GoldenFault {
    GoldenFault(name, "tokens-2-byte", "damaged_index") {
      $0.set(value($0), at: $0.indexPlace(place), width: 8)
      $0.fixIndex()
    }
  }

  private static func trailer(_ name: String, _ offset: Int, _ value: UInt64) -> GoldenFault {
    GoldenFault(name, "tokens-2-byte", "damaged_trailer") {
      $0.set(value, at: $0.trailerOffset + offset, width: 8)
      $0.fixTrailer()
    }
  }

  private static func manifest(
    _ name: String, _ change: @escaping @Sendable (String) -> String
  ) -> GoldenFault {
    GoldenFault(folder: name, "tokens-folder", "manifest") {
      $0["manifest.json"] = rewritten($0["manifest.json"], change)
    }
  }

  private static func rewritten(
    _ file: StoreForge?, _ change: (String) -> String
  ) -> StoreForge {
    let text = String(decoding: file?.bytes ?? [], as: UTF8.self)
    let result = change(text)
    precondition(text != result, "nothing was replaced in \(text)")
    return StoreForge(Array(result.utf8))
  }

  private static func replacing(
    _ old: String, _ new: String
  ) -> @Sendable (String) -> String {
    { $0.replacing(old, with: new) }
  }

  /// Changes the digit after the first place of `mark`.
  private static func replacingFirst(_ text: String, after mark: String) -> String {
    guard let place = text.firstRange(of: mark)?.upperBound else { return text }
    return changingDigit(text, at: place)
  }

  private static func replacingLast(_ text: String, after mark: String) -> String {
    guard let place = text.ranges(of: mark).last?.upperBound else { return text }
    return changingDigit(text, at: place)
  }

  private static func changingDigit(_ text: String, at place: String.Index) -> String {
    var result = text
    result.replaceSubrange(place...place, with: text[place] == "0" ? "1" : "0")
    return result
  }
}
