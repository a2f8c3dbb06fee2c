internal import RefluxEvaluation
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets

/// A teacher's sets in, weights of tokens out: 1 in the windows or documents in which the teacher
/// is least sure, 0 elsewhere.
public struct TextSelection: Sendable {
  /// What is kept or left out as a whole.
  public enum Unit: String, Sendable, CaseIterable {
    /// The teacher's windows, cut without regard to documents.
    case window
    /// Documents of the token store.
    case document
  }

  /// What was selected.
  public struct Result: Equatable, Sendable {
    /// Windows or documents, and those that are kept.
    public var units, keptUnits: Int
    /// Positions in them.
    public var records, keptRecords: Int
    /// The mean entropy of a position in nats, and of one that is kept.
    public var meanEntropy, keptMeanEntropy: Double
    /// The lowest mean entropy of a unit that is kept.
    public var lowestKeptEntropy: Double
    /// What names the weights.
    public var fingerprint: UInt64
  }

  /// The sample store, which keeps the teacher's entropy.
  public var samples: String
  /// Its token store, where documents are selected.
  public var tokens: String?
  /// What is kept or left out as a whole.
  public var unit = Unit.window
  /// The share of units to keep, above 0 and at most 1; rounded up.
  public var share: Double
  /// Where the weights go.
  public var output: String
  /// What selects, for the provenance.
  public var software = ""
  /// When, in seconds since 1970, for the provenance; 0 for unknown.
  public var created = 0

  /// Nothing is opened before the recipe runs.
  public init(samples: String, share: Double, output: String) {
    (self.samples, self.share, self.output) = (samples, share, output)
  }

  /// Ranks the units by the mean entropy of their positions, of equal ones the later first, and
  /// writes the weights.
  ///
  /// - Parameter observer: hears of records.
  /// - Throws: `store`, `selection`, `interrupted`; nothing new is then under the output's name.
  /// - Precondition: a token store where documents are selected.
  /// - Complexity: one pass over the samples; 24 bytes for a unit.
  public func run(_ observer: RunObserver = RunObserver()) throws(RecipeError) -> Result {
    let store = try naming(samples) { try SampleStore(path: samples) }
    if !store.header.extras.contains(.entropy) { throw .selection(path: samples, .noEntropy) }
    try naming(samples) { try store.checkWhole() }
    let bounds = try bounds(of: store)
    let sums = try sums(store, bounds, observer)
    let means = sums.indices.map { sums[$0] / Double(bounds[$0 + 1] - bounds[$0]) }
    let kept = Ranking.highest(means, count: Ranking.count(share, of: means.count))
    var result = Result(
      units: means.count, keptUnits: kept.count, records: bounds[means.count], keptRecords: 0,
      meanEntropy: sums.reduce(0, +) / Double(bounds[means.count]), keptMeanEntropy: 0,
      lowestKeptEntropy: means[kept[0]], fingerprint: 0)
    for unit in kept {
      result.keptRecords += bounds[unit + 1] - bounds[unit]
      result.keptMeanEntropy += sums[unit]
    }
    result.keptMeanEntropy /= Double(result.keptRecords)
    result.fingerprint = try write(Set(kept), bounds, store.header)
    return result
  }

  /// The first record of each unit, and the end of the last.
  private func bounds(of store: SampleStore) throws(RecipeError) -> [Int] {
    if unit == .document { return try documentBounds(of: store) }
    let (window, packing) = (store.provenance.contextLength, store.provenance.knownPacking)
    if packing == .bestFit { throw .selection(path: samples, .packedWindows) }
    guard window > 0, store.provenance.stride == window else {
      throw .selection(path: samples, .noContext)
    }
    if store.count <= window {
      throw .selection(path: samples, .noWindow(records: store.count, window: window))
    }
    // As a feed has them: the last record has no label.
    return Array(stride(from: 0, to: store.count, by: window))
  }

  private func documentBounds(of store: SampleStore) throws(RecipeError) -> [Int] {
    guard let path = tokens else { preconditionFailure("documents without a token store") }
    let tokens = try ModelInputs.tokens(path)
    try naming(samples) { try store.check(against: tokens) }
    let starts = try naming(path) { try tokens.documentStarts() }
    if store.count < 1 { throw .selection(path: samples, .noWindow(records: 0, window: 1)) }
    return starts.filter { $0 < store.count } + [store.count]
  }

  /// The sum of the entropies of each unit.
  private func sums(
    _ store: SampleStore, _ bounds: [Int], _ observer: RunObserver
  ) throws(RecipeError) -> [Double] {
    var (sums, unit) = ([Double](repeating: 0, count: bounds.count - 1), 0)
    do throws(StoreError) {
      try store.forEachBlock(of: .entropy) { first, values in
        for (record, value) in zip(first..., values) where record < bounds[bounds.count - 1] {
          while record >= bounds[unit + 1] { unit += 1 }
          sums[unit] += Double(value)
        }
        observer.advanced(values.count)
        return !observer.isInterrupted()
      }
    } catch .stopped { throw .interrupted } catch { throw .store(path: samples, error) }
    return sums
  }

  private func write(
    _ kept: Set<Int>, _ bounds: [Int], _ header: StoreHeader
  ) throws(RecipeError) -> UInt64 {
    try naming(output) {
      let writer = try TokenWeightWriter(
        path: output, for: header,
        notes: ["by": "entropy", "pick": "\(share)", "unit": unit.rawValue], software: software,
        created: created)
      for unit in 0..<bounds.count - 1 {
        try writer.append(kept.contains(unit) ? 1 : 0, count: bounds[unit + 1] - bounds[unit])
      }
      return try writer.seal().fingerprint
    }
  }
}
