public import RefluxTargets

/// What a new sample store is to be.
public struct SampleStoreConfiguration: Sendable {
  /// Ids are below this number: 1 to 2^24.
  public var vocabularySize: Int
  /// The ids that the tokenizer knows; nil for all.
  public var knownVocabulary: Int?
  /// Slots per record. A counted store needs at least min(rounds, vocabulary), so that no draw is
  /// ever cut; more than the vocabulary is never stored.
  public var capacity: Int
  /// What comes with the ids.
  public var values = SampleValues.counts
  /// Numbers of the teacher's whole distribution to keep beside each set.
  public var extras: [TargetScalar] = []
  /// Where the sets come from; `rounds` is what the counts of every record sum to.
  public var provenance = StoreProvenance()
  /// The position of the first set, for a shard of a larger store.
  public var firstPosition = 0
  /// How blocks are encoded.
  public var encoding = SampleEncoding.plain
  /// For packed stores: how often each id is expected, in any unit; empty if unknown. Good
  /// guesses, such as the counts of the tokens themselves, make the store small.
  public var frequencies: [UInt64] = []
  /// 0 for LZ4's fast mode, 1 to 12 for its slower and smaller ones.
  public var level = 0
  package var recordsPerBlock: Int?

  /// A store with the defaults that stand beside the fields.
  public init(
    vocabularySize: Int, capacity: Int, values: SampleValues = .counts,
    provenance: StoreProvenance
  ) {
    self.vocabularySize = vocabularySize
    self.capacity = capacity
    self.values = values
    self.provenance = provenance
  }

  var common: CommonConfiguration {
    CommonConfiguration(
      vocabularySize: vocabularySize, knownVocabulary: knownVocabulary, provenance: provenance,
      firstPosition: firstPosition, recordsPerBlock: recordsPerBlock)
  }

  /// The dictionary of a packed store.
  func dictionary() throws(StoreError) -> RankDictionary? {
    guard encoding == .packed else { return nil }
    if frequencies.isEmpty {
      return RankDictionary(classes: Array(repeating: 0, count: vocabularySize))
    }
    guard frequencies.count == vocabularySize else {
      throw .configuration(
        "\(frequencies.count) frequencies were given for a vocabulary of \(vocabularySize)")
    }
    return RankDictionary(frequencies: frequencies)
  }
}

/// How the sets of a sample store are encoded in its blocks.
public enum SampleEncoding: String, Sendable, CaseIterable {
  /// Fixed columns, compressed with LZ4 where that pays.
  case plain
  /// A prefix code over ranks and counts, at about half the size.
  case packed
}

/// Scalars as the optional fields of a store.
extension TargetScalar {
  var field: StoreField { StoreField(name: rawValue, width: 4, element: .float, count: 1) }

  /// Whether `value` is one that a store takes.
  func accepts(_ value: Float) -> Bool {
    value.isFinite && (self == .logsum || value.sign == .plus)
  }
}
