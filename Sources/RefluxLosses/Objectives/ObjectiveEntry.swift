public import RefluxTargets

/// One row of the table of objectives: the only place that says what an objective is called, takes
/// and needs.
public struct ObjectiveEntry: Sendable {
  /// The name it is given in.
  public let name: ObjectiveName
  /// The equation, or what it is, in a few words.
  public let summary: String
  /// Its options with their defaults and ranges.
  public internal(set) var options: [ObjectiveOption] = []
  /// The targets from which its gradient is honest.
  public internal(set) var kinds: [TargetKind] = []
  /// What sets of a kind must have beside their ids.
  public internal(set) var scalars: [TargetKind: [TargetScalar]] = [:]
  /// What makes targets of a kind more exact where sets have it.
  public internal(set) var welcome: [TargetKind: [TargetScalar]] = [:]
  /// Whether it needs the label of each row besides.
  public internal(set) var needsLabel = false
  /// Which rows it takes together.
  public internal(set) var grouping = RowGrouping.none
  /// What it costs beside cross-entropy.
  public internal(set) var cost = CostClass.set
  /// Why it takes no counts; nil where it does, or where it takes no sets at all.
  public internal(set) var misfit: CountMisfit?
  /// Where it was published.
  public internal(set) var source = ""

  init(_ name: ObjectiveName, _ summary: String) { (self.name, self.summary) = (name, summary) }

  /// All rows, in the order of ``ObjectiveName``.
  public static var all: [ObjectiveEntry] { ObjectiveName.allCases.map(\.entry) }

  /// The entry with what `change` sets.
  func with(_ change: (inout ObjectiveEntry) -> Void) -> ObjectiveEntry {
    var entry = self
    change(&entry)
    return entry
  }
}

extension ObjectiveName {
  /// Its row of the table.
  public var entry: ObjectiveEntry {
    switch self {
    case .ce, .rskd, .topk, .ghost, .smoothing, .naive, .fullkd: ObjectiveEntry.sampling(self)
    case .lbf, .kdPT, .kdTopK, .kdSim, .kdRel, .ttm, .wttm: ObjectiveEntry.target(self)
    case .rkl, .jsd, .skew, .skewRKL, .tvd, .ab, .akl, .todi, .mix, .tad, .dkd:
      ObjectiveEntry.divergence(self)
    default: ObjectiveEntry.other(self)
    }
  }
}
