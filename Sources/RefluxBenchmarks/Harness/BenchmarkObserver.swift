/// How a benchmark talks to whoever started it: what it is doing goes out, the wish to stop comes
/// in. Both closures are called between runs, from the thread that runs the benchmark.
public struct BenchmarkObserver: Sendable {
  /// Called with one lower-case clause when a step begins.
  public var note: @Sendable (String) -> Void
  /// Whether the benchmark shall stop at the next run.
  public var isInterrupted: @Sendable () -> Bool

  /// Creates an observer; without arguments it shows nothing and never stops the benchmark.
  public init(
    note: @escaping @Sendable (String) -> Void = { _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.note = note
    self.isInterrupted = isInterrupted
  }

  func check() throws(BenchmarkError) {
    if isInterrupted() { throw .interrupted }
  }
}
