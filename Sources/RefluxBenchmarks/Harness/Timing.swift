/// How long the runs of one piece of work took.
public struct Timing: Equatable, Sendable {
  /// Seconds of every run, ascending; at least one.
  public let seconds: [Double]

  /// Takes the runs in any order; traps without any.
  public init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty, "a timing needs a run")
    self.seconds = seconds.sorted()
  }

  /// The number of runs.
  public var runs: Int { seconds.count }
  /// The middle run, or the mean of the two in the middle, in seconds.
  public var median: Double { quantile(0.5) }

  /// The time that a share `q` (0...1) of the runs stays below: linear between the runs, the
  /// fastest at 0 and the slowest at 1.
  public func quantile(_ q: Double) -> Double {
    precondition((0...1).contains(q), "a quantile lies between 0 and 1")
    let place = q * Double(seconds.count - 1)
    let lower = Int(place)
    let upper = min(lower + 1, seconds.count - 1)
    return seconds[lower] + (seconds[upper] - seconds[lower]) * (place - Double(lower))
  }

  /// Items per second of the median run.
  public func rate(of items: Int) -> Double { Double(items) / median }
}
