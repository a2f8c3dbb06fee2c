#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How large a store of sample sets is going to be.
public struct StoreForecast: Sendable {
  /// What is to be stored.
  public struct Plan: Equatable, Sendable {
    /// Positions.
    public var tokens: Int
    /// Ids are below this number.
    public var vocabularySize: Int
    /// Draws per position.
    public var rounds: Int
    /// How sets are encoded.
    public var encoding: SampleEncoding
    /// What comes with the ids; with weights there are `rounds` ids in each set.
    public var values: SampleValues
    /// Optional fields of each record.
    public var extras: Int

    /// Takes the values as they are; none may be negative, the vocabulary and the rounds not 0.
    public init(
      tokens: Int, vocabularySize: Int, rounds: Int, encoding: SampleEncoding,
      values: SampleValues = .counts, extras: Int = 0
    ) {
      self.tokens = tokens
      self.vocabularySize = vocabularySize
      self.rounds = rounds
      self.encoding = encoding
      self.values = values
      self.extras = extras
    }
  }

  /// The size of the store.
  public let bytes: Double
  /// Bytes per record, without what does not grow with the store.
  public let bytesPerRecord: Double
  /// Ids per set.
  public let uniqueIDsPerRecord: Double
  /// What the figures rest on, in words.
  public let basis: String

  /// Forecasts from what is known of large teachers in general.
  ///
  /// Ids per set: 0.974 rounds^0.642, the curve through the published figures of Sparse Logit
  /// Sampling (arXiv 2503.16870), at most the rounds and the vocabulary. Packed sets: 14 bits per
  /// id at a vocabulary of 128,256 and 15.3 ids per set, 0.63 more for each doubling of the
  /// vocabulary and 0.46 less for each doubling of the ids per set, and the length of the set;
  /// measured on synthetic sets of 4,096 to 262,144 ids and 4 to 500 rounds. Plain sets: as wide
  /// as the fields are. Weights stand as they are beside ids of 3 bits less than with counts, as in
  /// a store of the 12 most probable ids.
  public init(_ plan: Plan) {
    uniqueIDsPerRecord = Self.uniqueIDs(plan)
    bytesPerRecord = Self.recordBytes(plan, uniqueIDs: uniqueIDsPerRecord)
    bytes = Self.total(plan, bytesPerRecord)
    basis =
      plan.values.isWeighted
      ? "\(plan.rounds) ids per set; \(plan.encoding) ids by the general model, and their weights"
      : plan.encoding == .packed
        ? "0.974 x rounds^0.642 ids per set; packed ids of 14 bits at a vocabulary of 128,256 and "
          + "15.3 ids per set, +0.63 per doubling of the vocabulary, -0.46 per doubling of the ids"
        : "0.974 x rounds^0.642 ids per set; plain fields of fixed widths, before LZ4"
  }

  /// Forecasts from the ids per set that were seen, and what the general model says of their size.
  ///
  /// - Parameter basis: where they were seen, in words.
  public init(_ plan: Plan, uniqueIDsPerRecord: Double, basis: String) {
    self.uniqueIDsPerRecord = uniqueIDsPerRecord
    bytesPerRecord = Self.recordBytes(plan, uniqueIDs: uniqueIDsPerRecord)
    bytes = Self.total(plan, bytesPerRecord)
    self.basis = basis
  }

  /// Forecasts from a store of the same teacher: its own bytes per record, in the proportion in
  /// which the model's figures change where rounds, vocabulary or encoding differ.
  ///
  /// - Parameters:
  ///   - store: a sample store with counts and records; else the forecast is nil.
  ///   - statistics: its figures.
  public init?(_ plan: Plan, from store: SampleStore, _ statistics: SampleStatistics) {
    guard !store.isWeighted, statistics.records > 0, statistics.uniqueIDs.sum > 0 else {
      return nil
    }
    let own = Plan(
      tokens: statistics.records, vocabularySize: store.vocabularySize, rounds: store.rounds,
      encoding: store.header.hasDictionary ? .packed : .plain)
    let fixed = ["header", "dictionary", "trailer"]
    let growing = statistics.parts.filter { !fixed.contains($0.name) }.reduce(0) { $0 + $1.bytes }
    let known = Double(growing) / Double(statistics.records)
    let scale = Self.uniqueIDs(plan) / Self.uniqueIDs(own)
    let most = Double(min(plan.rounds, plan.vocabularySize))
    uniqueIDsPerRecord = min(statistics.uniqueIDs.mean * scale, most)
    bytesPerRecord =
      known * Self.recordBytes(plan, uniqueIDs: uniqueIDsPerRecord)
      / Self.recordBytes(own, uniqueIDs: statistics.uniqueIDs.mean)
    bytes = Self.total(plan, bytesPerRecord)
    let isSame =
      own.rounds == plan.rounds && own.vocabularySize == plan.vocabularySize
      && own.encoding == plan.encoding
    basis =
      "the store's own \(statistics.records) records"
      + (isSame ? "" : ", in proportion to the general model of rounds, vocabulary and encoding")
  }

  private static func uniqueIDs(_ plan: Plan) -> Double {
    let most = Double(min(plan.rounds, plan.vocabularySize))
    if plan.values.isWeighted { return most }
    return min(max(0.974 * pow(Double(plan.rounds), 0.642), 1), most)
  }

  private static func recordBytes(_ plan: Plan, uniqueIDs: Double) -> Double {
    let capacity = min(plan.rounds, plan.vocabularySize)
    let weight = plan.values.field(capacity: 1, rounds: plan.rounds).width
    if plan.encoding == .plain {
      let pair = StoreSchema.idWidth(plan.vocabularySize) + weight
      return Double(StoreSchema.countWidth(capacity) + 4 * plan.extras) + uniqueIDs * Double(pair)
    }
    let bits =
      (plan.values.isWeighted ? 11 + 8 * Double(weight) : 14)
      + 0.63 * log2(Double(plan.vocabularySize) / 128_256) - 0.46 * log2(uniqueIDs / 15.3)
    let longest = min(4 * uniqueIDs, Double(capacity))
    return (max(bits, 2) * uniqueIDs + (log2(longest) + 1).rounded(.down)) / 8
      + 4 * Double(plan.extras)
  }

  /// The records, and what does not grow with them.
  private static func total(_ plan: Plan, _ bytesPerRecord: Double) -> Double {
    let dictionary =
      plan.encoding == .packed
      ? RankDictionary.encodedBytes(vocabularySize: plan.vocabularySize) : 0
    return Double(plan.tokens) * bytesPerRecord + Double(dictionary + 512)
  }
}
