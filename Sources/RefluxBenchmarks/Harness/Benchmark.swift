/// A group of measurements that a verb of the command runs.
///
/// A new one has a `Configuration` with defaults, an initializer that keeps both values, and
/// `measure`; whoever starts it uses ``init(_:observer:)`` and ``run(each:)``.
public protocol Benchmark: Sendable {
  /// What is measured, and on what.
  associatedtype Configuration: BenchmarkConfiguration

  /// What is measured, and on what.
  var configuration: Configuration { get }
  /// Who is told what happens, and can stop it.
  var observer: BenchmarkObserver { get }

  /// Keeps both values and begins nothing.
  init(configuration: Configuration, observer: BenchmarkObserver)

  /// Measures everything; gives each row to `each` as soon as it is known.
  func measure(_ each: (BenchmarkRow) throws -> Void) throws
}

extension Benchmark {
  /// A benchmark that has not begun; traps where nothing is to be measured.
  public init(_ configuration: Configuration, observer: BenchmarkObserver = BenchmarkObserver()) {
    precondition(configuration.isMeasurable, "nothing to measure")
    self.init(configuration: configuration, observer: observer)
  }

  /// Measures everything; rows come as they are known.
  ///
  /// - Throws: `BenchmarkError.interrupted`, what stands in the way of the work, or what `each`
  ///   throws.
  /// - Complexity: as the benchmark says.
  public func run(each: (BenchmarkRow) throws -> Void) throws {
    try observer.check()
    try measure(each)
  }

  /// Times work as often as the configuration says.
  func harness(warmUps: Int = 2) -> Harness {
    Harness(runs: configuration.runs, warmUps: warmUps, observer: observer)
  }
}

/// The sizes of a benchmark; the defaults are those of published figures.
public protocol BenchmarkConfiguration: Sendable {
  /// Runs that count, at least 1.
  var runs: Int { get set }
  /// Whether there is something to measure.
  var isMeasurable: Bool { get }
}

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
