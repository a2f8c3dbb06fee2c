import RefluxFiles
import RefluxStorage
import TestSupport

/// One way to break a valid golden file; checksums are mended so that the fault itself is found.
struct GoldenFault: Sendable {
  /// The name of the invalid file.
  let name: String
  /// The valid file it is made from.
  let source: String
  /// The error by name, as reference.py prints it.
  let error: String
  let change: @Sendable (inout StoreForge) -> Void

  init(
    _ name: String, _ source: String, _ error: String,
    _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) {
    self.name = name
    self.source = source
    self.error = error
    self.change = change
  }

  static let all = start + header + blocks + records + end

  static let start = [
    GoldenFault("empty", "tokens-empty", "empty") { $0.bytes = [] },
    GoldenFault("text", "tokens-empty", "not_a_store") {
      $0.bytes = Array("Once upon a time there was a file.\n".utf8)
    },
    GoldenFault("crlf-became-lf", "tokens-1-byte", "converted_line_ends") {
      $0.bytes.remove(at: 4)
    },
    GoldenFault("version-2", "tokens-1-byte", "unsupported_version") {
      $0.set(2, at: 8, width: 2)
      $0.fixHeader()
    },
    GoldenFault("feature-bit", "tokens-1-byte", "unsupported_features") {
      $0.set(4, at: 36, width: 4)
      $0.fixHeader()
    },
  ]

  static let header = [
    headerFault("header-checksum") { $0.bytes[40] ^= 1 },
    headerFault("header-length") { $0.set(0xFFFF_FFF8, at: 12, width: 4) },
    fixed("record-kind") { $0.set(3, at: 10, width: 1) },
    fixed("no-fields") { $0.set(0, at: 11, width: 1) },
    fixed("vocabulary-0") { $0.set(0, at: 32, width: 4) },
    fixed("width-of-other-vocabulary") { $0.set(257, at: 32, width: 4) },
    fixed("records-per-block-0") { $0.set(0, at: 24, width: 4) },
    fixed("records-per-block-too-many") { $0.set(65_537, at: 24, width: 4) },
    fixed("record-bytes") { $0.set(2, at: 28, width: 4) },
    fixed("text-beyond-header") { $0.set(4000, at: 84, width: 2) },
    fixed("field-reserved") { $0.set(1, at: 88 + 10, width: 2) },
    GoldenFault("capacity-cuts-draws", "samples-counts", "damaged_header") {
      $0.set(7, at: 88 + 16 + 12, width: 4)
      $0.set(7, at: 88 + 32 + 12, width: 4)
      $0.fixHeader()
    },
    GoldenFault("rounds-0", "samples-counts", "damaged_header") {
      $0.set(0, at: 56, width: 4)
      $0.fixHeader()
    },
  ]

  private static func headerFault(
    _ name: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    GoldenFault(name, "tokens-1-byte", "damaged_header", change)
  }

  private static func fixed(
    _ name: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    headerFault(name) {
      change(&$0)
      $0.fixHeader()
    }
  }
}
