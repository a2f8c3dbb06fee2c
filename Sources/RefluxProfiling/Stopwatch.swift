/// Seconds since a moment, by a clock that never goes back and runs on while the machine sleeps.
public struct Stopwatch: Sendable {
  private var start = ContinuousClock.now

  /// Starts at once.
  public init() {}

  /// Seconds since the start.
  public var seconds: Double { Self.seconds(start.duration(to: .now)) }

  /// Starts again.
  ///
  /// - Returns: seconds since the start before.
  @discardableResult
  public mutating func restart() -> Double {
    let now = ContinuousClock.now
    defer { start = now }
    return Self.seconds(start.duration(to: now))
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
