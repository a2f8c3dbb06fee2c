internal import RefluxTargets

/// The fixed-width layout of a record; every schema of version 1 follows from a few numbers.
public struct StoreSchema: Equatable, Sendable {
  /// The fields in their order within a block.
  public let fields: [StoreField]
  /// What comes with the ids; nil in token stores.
  let values: SampleValues?
  /// The optional fields of sample sets.
  let extras: [TargetScalar]

  init(fields: [StoreField]) {
    self.fields = fields
    values = fields.count > 2 ? SampleValues(fields[2]) : nil
    extras = fields.dropFirst(3).compactMap { TargetScalar(rawValue: $0.name) }
  }

  /// Bytes per record before compression.
  public var recordBytes: Int { fields.reduce(0) { $0 + $1.bytes } }

  /// The schema of a token store: one id.
  static func tokens(vocabularySize: Int) -> StoreSchema {
    StoreSchema(fields: [
      StoreField(name: "id", width: idWidth(vocabularySize), element: .integer, count: 1)
    ])
  }

  /// The schema of a sample store: length, ids, counts or weights, and the optional fields.
  static func samples(
    vocabularySize: Int, capacity: Int, values: SampleValues, rounds: Int, extras: [TargetScalar]
  ) -> StoreSchema {
    let fields = [
      StoreField(name: "length", width: countWidth(capacity), element: .integer, count: 1),
      StoreField(
        name: "ids", width: idWidth(vocabularySize), element: .integer, count: capacity),
      values.field(capacity: capacity, rounds: rounds),
    ]
    return StoreSchema(fields: fields + TargetScalar.allCases.filter(extras.contains).map(\.field))
  }

  /// The bytes that hold every id of a vocabulary.
  static func idWidth(_ vocabularySize: Int) -> Int {
    switch vocabularySize {
    case ...0x100: 1
    case ...0x1_0000: 2
    case ...0x100_0000: 3
    default: 4
    }
  }

  /// The bytes that hold every number from 0 to `largest`.
  static func countWidth(_ largest: Int) -> Int {
    switch largest {
    case ...0xFF: 1
    case ...0xFFFF: 2
    default: 4
    }
  }
}

/// One field of the record schema (SPEC.md, section 3.2).
public struct StoreField: Equatable, Sendable {
  /// How the bytes of an element are to be read.
  public enum Element: UInt8, Sendable {
    /// An unsigned integer.
    case integer = 0
    /// An IEEE number of 2 or 4 bytes.
    case float = 1
    /// One byte on a logarithmic scale (SPEC.md, section 6.3).
    case logarithm = 2
  }

  /// At most eight ASCII letters.
  public let name: String
  /// Bytes per element: 1 to 4.
  public let width: Int
  /// How elements are read.
  public let element: Element
  /// Elements per record.
  public let count: Int

  /// Bytes per record.
  public var bytes: Int { width * count }
}
