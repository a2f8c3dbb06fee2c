public import RefluxTargets

/// What a store says about itself in its first bytes (SPEC.md, section 3).
public struct StoreHeader: Equatable, Sendable {
  /// What one record is.
  public internal(set) var kind: RecordKind
  /// A random number that seeds every checksum of the file, so that no block of another file fits.
  public internal(set) var fileID: UInt64
  /// The position of record 0: 0, or in a shard its place in the whole.
  public internal(set) var firstPosition = 0
  /// Ids are below this number.
  public internal(set) var vocabularySize: Int
  /// The ids that the tokenizer knows; the others are padding.
  public internal(set) var knownVocabulary: Int
  /// Records in every block but the last.
  public internal(set) var recordsPerBlock: Int
  /// The layout of a record.
  public internal(set) var schema: StoreSchema
  /// Where the records come from.
  public internal(set) var provenance: StoreProvenance
  /// Whether a dictionary follows, which packed blocks need.
  public internal(set) var hasDictionary = false

  /// Bytes per record before compression.
  public var recordBytes: Int { schema.recordBytes }
  /// Slots per record: 1 in token stores.
  public var capacity: Int { kind == .samples ? schema.fields[1].count : 1 }
  /// What comes with the ids of a set; counts in token stores.
  public var values: SampleValues { schema.values ?? .counts }
  /// The optional fields of sample sets.
  public var extras: [TargetScalar] { schema.extras }
  /// Whether sets carry weights instead of counts.
  public var isWeighted: Bool { values.isWeighted }

  /// The length of the dictionary in bytes: 0 where sets are not packed.
  public var dictionaryBytes: Int {
    hasDictionary ? RankDictionary.encodedBytes(vocabularySize: vocabularySize) : 0
  }

  /// Where the first block starts.
  package var firstBlock: Int { encodedBytes + dictionaryBytes }

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
  package func seed(block: Int) -> UInt64 { fileID &+ UInt64(block) }
}

/// What one record of a store is (SPEC.md, section 3.1).
public enum RecordKind: UInt8, Sendable, CustomStringConvertible {
  /// One token id per record.
  case tokens = 1
  /// One sample set per record: the teacher's draws for one token position.
  case samples = 2

  /// The kind of the store that a file begins to be; nil where `start` is the beginning of no store
  /// or too short to tell.
  public init?(fileStart start: [UInt8]) {
    // SPEC.md, section 3: the magic, the version, the kind.
    guard start.count > 10, start.starts(with: StoreLimits.magic) else { return nil }
    self.init(rawValue: start[10])
  }

  public var description: String {
    switch self {
    case .tokens: "tokens"
    case .samples: "samples"
    }
  }
}
