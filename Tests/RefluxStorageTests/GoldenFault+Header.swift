import TestSupport

/// Faults in the header and the dictionary.
extension GoldenFault {
  static let numbers = [
    header("header-checksum", "tokens-1-byte") { $0.bytes[56] ^= 1 },
    header("header-length-huge", "tokens-1-byte") { $0.set(0xFFFF_FFF8, at: 12, width: 4) },
    header("header-length-odd", "tokens-1-byte") { $0.set(148, at: 12, width: 4) },
    header("header-length-small", "tokens-1-byte") { $0.set(120, at: 12, width: 4) },
    header("header-length-beyond", "tokens-1-byte") { $0.set(65_536, at: 12, width: 4) },
    fixed("record-kind", "tokens-1-byte", 10, 1, 3),
    fixed("no-fields", "tokens-1-byte", 11, 1, 0),
    fixed("nine-fields", "tokens-1-byte", 11, 1, 9),
    fixed("first-position", "tokens-1-byte", 24, 8, 1 << 62),
    fixed("records-per-block-0", "tokens-1-byte", 32, 4, 0),
    fixed("records-per-block-65537", "tokens-1-byte", 32, 4, 65_537),
    fixed("records-per-block-bytes", "tokens-4-byte", 32, 4, 16_385),
    fixed("record-bytes", "tokens-1-byte", 36, 4, 2),
    fixed("vocabulary-0", "tokens-1-byte", 40, 4, 0),
    fixed("vocabulary-tokens", "tokens-4-byte", 40, 4, 1 << 31 + 1),
    header("vocabulary-samples", "samples-2-byte-counts") {
      $0.set(1 << 24 + 1, at: 40, width: 4)
      $0.set(4, at: 136 + 8, width: 1)
      $0.set(1 + 4 + 300 * 6 + 1, at: 36, width: 4)
      $0.fixHeader()
    },
    fixed("known-0", "tokens-1-byte", 44, 4, 0),
    fixed("known-beyond-vocabulary", "tokens-1-byte", 44, 4, 257),
    fixed("dictionary-of-tokens", "tokens-1-byte", 52, 4, 136),
    fixed("dictionary-length", "packed-counts", 52, 4, 168),
    fixed("tau-infinite", "tokens-1-byte", 88, 8, 0x7FF0_0000_0000_0000),
    fixed("tau-nan", "tokens-1-byte", 88, 8, 0x7FF8_0000_0000_0000),
    fixed("rounds-31-bits", "tokens-1-byte", 96, 4, 1 << 31),
    fixed("rounds-0", "samples-counts", 96, 4, 0),
    fixed("context-31-bits", "tokens-1-byte", 100, 4, 1 << 31),
    fixed("stride-31-bits", "tokens-1-byte", 104, 4, 1 << 31),
    fixed("created", "tokens-1-byte", 112, 8, 1 << 62),
    header("header-filling", "tokens-1-byte") {
      $0.bytes.insert(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0], at: 136)
      $0.set(152, at: 12, width: 4)
      $0.fixHeader()
    },
    header("header-reserved", "samples-counts") {
      precondition($0.number(at: 108, width: 4) % 8 != 0, "no filling here")
      $0.bytes[$0.headerBytes - 9] = 1
      $0.fixHeader()
    },
  ]

  static let fields = [
    fixed("field-name", "tokens-1-byte", 120, 1, 0x49),
    fixed("field-name-filling", "tokens-1-byte", 127, 1, 1),
    fixed("field-width", "tokens-1-byte", 128, 1, 2),
    fixed("field-type", "tokens-1-byte", 129, 1, 1),
    fixed("field-type-unknown", "tokens-1-byte", 129, 1, 3),
    fixed("field-reserved", "tokens-1-byte", 130, 2, 1),
    fixed("field-count", "tokens-1-byte", 132, 4, 2),
    fixed("width-of-other-vocabulary", "tokens-1-byte", 40, 4, 257),
    capacity("capacity-cuts-draws", "samples-counts", 7, pair: 3),
    capacity("capacity-beyond-vocabulary", "samples-counts", 301, pair: 3),
    capacity("capacity-0", "samples-float32", 0, pair: 6),
    fixed("weights-width", "samples-float32", 120 + 32 + 8, 1, 3),
    fixed("weights-type", "samples-logarithm8", 120 + 32 + 9, 1, 1),
    header("optional-order", "samples-extras") {
      for index in 0..<16 { $0.bytes.swapAt(120 + 48 + index, 120 + 64 + index) }
      $0.fixHeader()
    },
    header("optional-twice", "samples-extras") {
      for index in 0..<16 { $0.bytes[120 + 64 + index] = $0.bytes[120 + 48 + index] }
      $0.fixHeader()
    },
    fixed("optional-unknown", "samples-extras", 120 + 48, 1, 0x62),
    fixed("optional-width", "samples-extras", 120 + 48 + 8, 1, 8),
  ]

  static let texts = [
    fixed("texts-beyond-header", "tokens-1-byte", 108, 4, 4000),
    text("text-beyond-texts") { $0 = Self.entry("a", "b").dropLast() },
    text("text-key-empty") { $0 = Self.entry("", "b") },
    text("text-key-long") { $0 = Self.entry(String(repeating: "k", count: 65), "b") },
    text("text-key-letter") { $0 = Self.entry("A", "b") },
    text("text-key-order") { $0 = Self.entry("b", "b") + Self.entry("a", "b") },
    text("text-key-twice") { $0 = Self.entry("a", "b") + Self.entry("a", "c") },
    text("text-value-empty") { $0 = Self.entry("a", "") },
    text("text-value-long") { $0 = Self.entry("a", String(repeating: "v", count: 4097)) },
    text("text-reserved") { $0[1] = 1 },
    text("text-not-utf8") { $0[$0.count - 1] = 0xFF },
  ]

  static let targets = [
    GoldenFault("feature-bits", "samples-tempered", "unsupported_features") {
      $0.set(3, at: 48, width: 4)
      $0.fixHeader()
    },
    fixed("target-of-nothing", "samples-counts", 48, 4, 1),
    fixed("target-at-tau-1", "samples-tempered", 88, 8, 0x3FF0_0000_0000_0000),
    fixed("target-at-tau-0", "samples-tempered", 88, 8, 0),
    bound("target-of-tokens", "tokens-1-byte", [("target", "tempered")]),
    bound("target-of-weights", "samples-float32", [("target", "tempered")]),
    bound("target-unknown", "samples-counts", [("target", "scores")]),
    bound("temperature-1", "samples-float32", [("temperature", "1")]),
    bound("temperature-0", "samples-float32", [("temperature", "0")]),
    bound("temperature-negative", "samples-float32", [("temperature", "-2")]),
    bound("temperature-nan", "samples-float32", [("temperature", "nan")]),
    bound("temperature-infinite", "samples-float32", [("temperature", "inf")]),
    bound("temperature-large", "samples-float32", [("temperature", "100.5")]),
    bound("temperature-digits", "samples-float32", [("temperature", "2.50")]),
    bound("temperature-point", "samples-float32", [("temperature", ".5")]),
    bound("temperature-exponent", "samples-float32", [("temperature", "2e0")]),
    bound("gamma-missing", "samples-tempered", [("target", "tempered")]),
    bound("gamma-0", "samples-tempered", [("gamma", "0"), ("target", "tempered")]),
    bound("gamma-negative", "samples-tempered", [("gamma", "-0.5"), ("target", "tempered")]),
    bound("gamma-nan", "samples-tempered", [("gamma", "nan"), ("target", "tempered")]),
    bound("gamma-large", "samples-tempered", [("gamma", "9"), ("target", "tempered")]),
    bound("gamma-digits", "samples-tempered", [("gamma", "0.50"), ("target", "tempered")]),
  ]

  static let dictionary = [
    GoldenFault("dictionary-checksum", "packed-counts", "damaged_dictionary") {
      $0.bytes[$0.headerBytes + 3] ^= 1
    },
    GoldenFault("dictionary-filling", "packed-counts", "damaged_dictionary") {
      $0.bytes[$0.firstBlock - 9] = 1
      $0.fixDictionary()
    },
    GoldenFault("dictionary-half", "packed-single", "damaged_dictionary") {
      $0.bytes[$0.headerBytes + 149] |= 0x10
      $0.fixDictionary()
    },
    GoldenFault("cut-in-dictionary", "packed-counts", "damaged_dictionary") {
      $0.bytes.removeSubrange(($0.firstBlock - 1)...)
    },
  ]

  private static func entry(_ key: String, _ value: String) -> [UInt8] {
    let size = value.utf8.count
    return [UInt8(key.utf8.count), 0, UInt8(size & 0xFF), UInt8(size >> 8)] + key.utf8 + value.utf8
  }

  private static func header(
    _ name: String, _ source: String, _ change: @escaping @Sendable (inout StoreForge) -> Void
  ) -> GoldenFault {
    GoldenFault(name, source, "damaged_header", change)
  }

  private static func fixed(
    _ name: String, _ source: String, _ offset: Int, _ width: Int, _ value: UInt64
  ) -> GoldenFault {
    header(name, source) {
      $0.set(value, at: offset, width: width)
      $0.fixHeader()
    }
  }

  /// Another capacity in every number that depends on it.
  private static func capacity(
    _ name: String, _ source: String, _ value: UInt64, pair: UInt64
  ) -> GoldenFault {
    header(name, source) {
      let length: UInt64 = value > 255 ? 2 : 1
      $0.set(length, at: 120 + 8, width: 1)
      $0.set(value, at: 136 + 12, width: 4)
      $0.set(value, at: 152 + 12, width: 4)
      $0.set(length + value * pair, at: 36, width: 4)
      $0.fixHeader()
    }
  }

  /// Other texts in a header of matching length; what follows it is never reached.
  private static func text(
    _ name: String, _ change: @escaping @Sendable (inout [UInt8]) -> Void
  ) -> GoldenFault {
    header(name, "tokens-1-byte") {
      var texts = entry("a", "text")
      change(&texts)
      setTexts(texts, of: &$0)
    }
  }

  /// Texts that the feature bit of the target binds.
  private static func bound(
    _ name: String, _ source: String, _ texts: [(String, String)]
  ) -> GoldenFault {
    header(name, source) {
      $0.set(1, at: 48, width: 4)
      setTexts(texts.flatMap(entry), of: &$0)
    }
  }

  private static func setTexts(_ texts: [UInt8], of forge: inout StoreForge) {
    let start = 120 + 16 * Int(forge.number(at: 11, width: 1))
    let size = (start + texts.count + 7) / 8 * 8 + 8
    let filling = [UInt8](repeating: 0, count: size - start - texts.count)
    forge.bytes.replaceSubrange(start..<forge.headerBytes, with: texts + filling)
    forge.set(UInt64(texts.count), at: 108, width: 4)
    forge.set(UInt64(size), at: 12, width: 4)
    forge.fixHeader()
  }
}
