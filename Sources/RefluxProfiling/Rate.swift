/// How many items per second go by: over the last seconds for a display, and over all.
///
/// - Complexity: one entry per `add` within the window, at most 256; older and denser entries are
///   merged.
public struct Rate: Sendable {
  private struct Entry: Sendable {
    var seconds: Double
    var total: Int
  }

  /// The length of the window in seconds.
  public let window: Double
  /// All items so far.
  public private(set) var total = 0
  private var stopwatch = Stopwatch()
  /// Times and totals within the window, and one entry before it.
  private var entries = [Entry(seconds: 0, total: 0)]

  /// Starts at once.
  ///
  /// - Parameter window: seconds that `perSecond` looks back.
  public init(window: Double = 5) {
    precondition(window > 0, "a rate's window must be positive")
    self.window = window
  }

  /// Counts items that went by just now.
  public mutating func add(_ count: Int) { add(count, at: stopwatch.seconds) }

  /// Counts items that went by `seconds` after the start; times must not decrease.
  public mutating func add(_ count: Int, at seconds: Double) {
    total += count
    if entries.count == 256 { thin() }
    entries.append(Entry(seconds: seconds, total: total))
    let stale = entries.dropFirst().prefix { $0.seconds <= seconds - window }.count
    entries.removeFirst(stale)
  }

  /// Items per second between the last `add` and the window before it; 0 before the first `add`.
  public var perSecond: Double {
    guard let first = entries.first, let last = entries.last else { return 0 }
    return Self.ratio(last.total - first.total, last.seconds - first.seconds)
  }

  /// Items per second from the start to the last `add`.
  public var overall: Double { Self.ratio(total, entries.last?.seconds ?? 0) }

  private static func ratio(_ count: Int, _ seconds: Double) -> Double {
    seconds > 0 ? Double(count) / seconds : 0
  }

  /// Drops every second entry, but not the first.
  private mutating func thin() {
    entries = entries.indices.filter { $0 % 2 == 0 }.map { entries[$0] }
  }
}
