internal import RefluxBytes
public import RefluxJSON

/// Several stores and their shares, as a file says them.
///
/// ```json
/// {"sources": [{"tokens": "a.rfx", "samples": "a-samples.rfx", "weight": 0.7, "alpha": 0.3},
///              {"tokens": "b.rfx", "samples": "b-samples.rfx", "weight": 0.3}],
///  "phases": [{"from_token": 0, "weights": [0.7, 0.3]},
///             {"from_token": 1000000, "weights": [0.2, 0.8]}]}
/// ```
/// Weights are whole numbers, of which only the proportions count, or fractions that sum to 1. In
/// place of `weight` a source may say how many `epochs` of it a run has, which all sources then do;
/// the run is then as long as all of them together, and there are no phases.
public struct FeedMix: Sendable, Equatable {
  /// One store.
  public struct Source: Sendable, Equatable {
    /// The path of the token store, from the folder of the file that names it.
    public var tokens: String
    /// The path of its sample store.
    public var samples: String?
    /// The path of the weights of its tokens.
    public var weights: String?
    /// Its share.
    public var weight: Double?
    /// How often a run goes through it.
    public var epochs: Double?
    /// What the loss of its tokens counts.
    public var tokenWeight: Float
    /// The target's share in their loss; the rest is cross-entropy with the label.
    public var alpha: Float?
  }

  /// Shares from a place on.
  public struct Phase: Sendable, Equatable {
    /// Tokens of all stores and ranks before it.
    public var fromToken: Int
    /// The share of each store.
    public var weights: [Double]
  }

  /// The stores, at least one.
  public let sources: [Source]
  /// Empty where the sources' own weights hold throughout.
  public let phases: [Phase]

  /// Reads a mix.
  ///
  /// - Throws: `mix`.
  public init(json object: JSONObject) throws(FeedError) {
    try Self.check(object, ["sources", "phases"], "the file")
    guard let entries = object["sources"]?.arrayValue, !entries.isEmpty else {
      throw .mix("'sources' must be a list of stores")
    }
    var sources: [Source] = []
    for entry in entries { sources.append(try Self.source(entry)) }
    var phases: [Phase] = []
    for entry in object["phases"]?.arrayValue ?? [] { phases.append(try Self.phase(entry)) }
    (self.sources, self.phases) = (sources, phases)
    let counted = sources.count { $0.epochs != nil }
    guard counted == 0 || counted == sources.count else {
      throw .mix("'epochs' must be given for all sources or for none")
    }
    if counted > 0, !phases.isEmpty || sources.contains(where: { $0.weight != nil }) {
      throw .mix("'epochs' say the shares of all stores; leave out 'weight' and 'phases'")
    }
  }

  private static func source(_ entry: JSONValue) throws(FeedError) -> Source {
    guard let object = entry.objectValue, let tokens = object["tokens"]?.stringValue else {
      throw .mix("each source must be an object that names its 'tokens'")
    }
    let keys: Set = ["tokens", "samples", "weights", "weight", "epochs", "token_weight", "alpha"]
    try check(object, keys, "a source")
    for key in keys.subtracting(["tokens", "samples", "weights"]) {
      guard let value = object[key] else { continue }
      guard let number = value.doubleValue, number >= 0, number <= 1e9 else {
        throw .mix("'\(key)' of \(foreign: tokens) must be a number from 0 to 1e9")
      }
    }
    if let alpha = object["alpha"]?.doubleValue, alpha > 1 {
      throw .mix("'alpha' of \(foreign: tokens) must be 0 to 1")
    }
    return Source(
      tokens: tokens, samples: object["samples"]?.stringValue,
      weights: object["weights"]?.stringValue,
      weight: object["weight"]?.doubleValue, epochs: object["epochs"]?.doubleValue,
      tokenWeight: Float(object["token_weight"]?.doubleValue ?? 1),
      alpha: object["alpha"]?.doubleValue.map { Float($0) })
  }

  private static func phase(_ entry: JSONValue) throws(FeedError) -> Phase {
    guard let object = entry.objectValue, let from = object["from_token"]?.integerValue, from >= 0,
      let weights = object["weights"]?.arrayValue
    else { throw .mix("each phase must have 'from_token' and 'weights'") }
    try check(object, ["from_token", "weights"], "a phase")
    let numbers = weights.compactMap(\.doubleValue)
    guard numbers.count == weights.count else { throw .mix("'weights' must be numbers") }
    return Phase(fromToken: from, weights: numbers)
  }

  private static func check(
    _ object: JSONObject, _ keys: Set<String>, _ what: String
  ) throws(FeedError) {
    guard let other = object.members.first(where: { !keys.contains($0.key) }) else { return }
    throw .mix(
      "\(what) has the key '\(foreign: other.key)'; known are "
        + keys.sorted().joined(separator: ", "))
  }

  /// Shares with which a run that takes as many windows as all epochs together goes through each
  /// store as often as it is to: exactly so where epochs of windows are whole numbers.
  ///
  /// - Parameters:
  ///   - epochs: of each store, 0 or more.
  ///   - windows: that each has.
  public static func weights(epochs: [Double], windows: [Int]) -> [Int] {
    let shares = zip(epochs, windows).map { $0 * Double($1) }
    let most = shares.max() ?? 0
    let isWhole = most <= 0x1p40 && shares.allSatisfy { $0 == $0.rounded() }
    return shares.map { Int((isWhole ? $0 : $0 / most * 0x1p40).rounded()) }
  }

  /// Shares as whole numbers.
  ///
  /// - Throws: `weights` for fewer or more than there are stores, `weightSum` for fractions that do
  ///   not sum to 1.
  public static func whole(_ shares: [Double], stores: Int) throws(FeedError) -> [Int] {
    guard shares.count == stores, shares.allSatisfy({ $0 >= 0 && $0 <= 1e9 }) else {
      throw .weights(found: shares.map { Int(min(max($0, -1e9), 1e9)) }, stores: stores)
    }
    if shares.allSatisfy({ $0 == $0.rounded() }) { return shares.map { Int($0) } }
    let sum = shares.reduce(0, +)
    guard abs(sum - 1) < 1e-6 else { throw .weightSum(sum) }
    return shares.map { Int(($0 * 1e9).rounded()) }
  }
}
