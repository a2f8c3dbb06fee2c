/// What a store says about itself in its first bytes (SPEC.md, section 3).
public struct StoreHeader: Equatable, Sendable {
  /// What one record is.
  public let kind: RecordKind
  /// A random number that seeds every checksum of the file, so that no block of another file fits.
  public let fileID: UInt64
  /// Ids are below this number.
  public let vocabularySize: Int
  /// Records in every block but the last.
  public let recordsPerBlock: Int
  /// The layout of a record.
  public let schema: StoreSchema
  /// Where the records come from.
  public let provenance: StoreProvenance

  /// Bytes per record before compression.
  public var recordBytes: Int { schema.recordBytes }
  /// Slots per record: 1 in token stores.
  public var capacity: Int { kind == .samples ? schema.fields[1].count : 1 }
  /// Whether sets carry weights instead of counts.
  public var isWeighted: Bool { schema.fields.last?.isFloat ?? false }

  /// The most bytes that a block of `records` records can hold before compression: its columns
  /// and, in token stores, a document start for every record.
  func rawBytesLimit(records: Int) -> Int {
    records * recordBytes + (kind == .tokens ? 4 * records : 0)
  }

  /// How many blocks hold `records` records.
  func blockCount(records: Int) -> Int {
    records / recordsPerBlock + (records % recordsPerBlock == 0 ? 0 : 1)
  }

  /// The seed of a block's checksum; the wrap-around addition keeps it one number apart per block.
  func seed(block: Int) -> UInt64 { fileID &+ UInt64(block) }
}
