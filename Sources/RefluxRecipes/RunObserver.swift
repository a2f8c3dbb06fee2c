/// How a long run talks to whoever started it: work done goes out, the wish to stop comes in.
///
/// Both closures may be called from any thread, often, and must return quickly.
public struct RunObserver: Sendable {
  /// Called with the amount of work done since the last call; the unit is the recipe's.
  public var advanced: @Sendable (Int) -> Void
  /// Whether the run shall stop at the next safe place.
  public var isInterrupted: @Sendable () -> Bool

  /// Creates an observer; without arguments it shows nothing and never stops the run.
  public init(
    advanced: @escaping @Sendable (Int) -> Void = { _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.advanced = advanced
    self.isInterrupted = isInterrupted
  }
}
