public import RefluxJSON

/// One line of a benchmark: a figure, what was measured, and the physical limit beside it.
public struct BenchmarkRow: Equatable, Sendable {
  /// What was measured: `decode`.
  public var bench: String
  /// What it was measured on, in the order of the keys: `samples`, `encoding`.
  public var parameters: JSONObject
  /// Threads that did the work.
  public var threads: Int
  /// The runs of the work.
  public var timing: Timing
  /// Tokens per run, where the work is a rate; nil gives times alone.
  public var tokens: Int?
  /// The runs of the limit, in the same minutes.
  public var limit: Timing?
  /// Tokens per run of the limit; nil where they are those of the work.
  public var limitTokens: Int?
  /// What else is to be said, with units in the keys.
  public var figures: JSONObject

  /// A row; nothing is checked.
  public init(
    bench: String, parameters: JSONObject, threads: Int = 1, timing: Timing, tokens: Int? = nil,
    limit: Timing? = nil, limitTokens: Int? = nil, figures: JSONObject = [:]
  ) {
    self.bench = bench
    self.parameters = parameters
    self.threads = threads
    self.timing = timing
    self.tokens = tokens
    self.limit = limit
    self.limitTokens = limitTokens
    self.figures = figures
  }

  /// The row as scripts read it.
  ///
  /// `bench`, the parameters, `threads`, `runs`, `median_ms`, `p10_ms`, `p90_ms`; of a rate
  /// `tokens_per_second` by the median; with a limit `limit_tokens_per_second`, or `limit_ms`
  /// where there is no rate, and `ratio_to_limit` (measured / limit: at least 1 for times, at most
  /// 1 for rates, but for noise); then the figures.
  public var object: JSONObject {
    var object: JSONObject = ["bench": .string(bench)]
    object.members += parameters.members
    object.add("threads", .integer(threads))
    object.add("runs", .integer(timing.runs))
    object.add("median_ms", .number(1e3 * timing.median))
    object.add("p10_ms", .number(1e3 * timing.quantile(0.1)))
    object.add("p90_ms", .number(1e3 * timing.quantile(0.9)))
    addLimit(to: &object)
    object.members += figures.members
    return object
  }

  private func addLimit(to object: inout JSONObject) {
    if let tokens { object.add("tokens_per_second", .number(timing.rate(of: tokens))) }
    guard let limit else { return }
    if let tokens {
      let most = limit.rate(of: limitTokens ?? tokens)
      object.add("limit_tokens_per_second", .number(most))
      object.add("ratio_to_limit", .number(timing.rate(of: tokens) / most))
    } else {
      object.add("limit_ms", .number(1e3 * limit.median))
      object.add("ratio_to_limit", .number(timing.median / limit.median))
    }
  }
}

extension JSONObject {
  /// Adds a member after the others.
  mutating func add(_ key: String, _ value: JSONValue) { members.append(.init(key, value)) }
}
