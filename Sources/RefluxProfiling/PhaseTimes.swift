/// Where the time of a loop goes: seconds per phase, summed over its turns.
///
/// The phases are the cases of an enum, so a report can name all of them, also those that never
/// ran.
public struct PhaseTimes<Phase: Hashable & CaseIterable & Sendable>: Sendable {
  private var sums: [Phase: Double] = [:]
  private var stopwatch = Stopwatch()

  /// Starts at once.
  public init() {}

  /// Seconds spent in a phase so far.
  public subscript(phase: Phase) -> Double { sums[phase, default: 0] }

  /// Seconds from the start, or the last `reset`, until now.
  public var elapsed: Double { stopwatch.seconds }

  /// The share of all time since the start spent in a phase, 0...1.
  public func share(of phase: Phase) -> Double {
    let elapsed = elapsed
    return elapsed > 0 ? self[phase] / elapsed : 0
  }

  /// Runs `body` and adds the time it took to a phase, also when it throws.
  public mutating func measure<Result, Failure: Error>(
    _ phase: Phase, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let turn = Stopwatch()
    defer { add(turn.seconds, to: phase) }
    return try body()
  }

  /// Adds seconds measured elsewhere.
  public mutating func add(_ seconds: Double, to phase: Phase) {
    sums[phase, default: 0] += seconds
  }

  /// Forgets everything and starts again.
  public mutating func reset() {
    sums.removeAll(keepingCapacity: true)
    stopwatch.restart()
  }
}
