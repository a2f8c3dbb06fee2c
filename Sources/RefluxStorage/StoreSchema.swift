/// The fixed-width layout of a record; every schema of version 1 follows from four numbers.
public struct StoreSchema: Equatable, Sendable {
  /// The fields in their order within a block.
  public let fields: [StoreField]

  /// Bytes per record before compression.
  public var recordBytes: Int { fields.reduce(0) { $0 + $1.bytes } }

  /// The schema of a token store: one id.
  static func tokens(vocabularySize: Int) -> StoreSchema {
    StoreSchema(fields: [
      StoreField(name: "id", width: idWidth(vocabularySize), isFloat: false, count: 1)
    ])
  }

  /// The schema of a sample store: length, ids, and counts or weights.
  static func samples(
    vocabularySize: Int, capacity: Int, weighted: Bool, rounds: Int
  ) -> StoreSchema {
    let value =
      weighted
      ? StoreField(name: "weights", width: 4, isFloat: true, count: capacity)
      : StoreField(name: "counts", width: countWidth(rounds), isFloat: false, count: capacity)
    return StoreSchema(fields: [
      StoreField(name: "length", width: countWidth(capacity), isFloat: false, count: 1),
      StoreField(
        name: "ids", width: idWidth(vocabularySize), isFloat: false, count: capacity),
      value,
    ])
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
