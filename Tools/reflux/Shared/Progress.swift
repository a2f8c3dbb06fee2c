import RefluxProfiling
import Synchronization

/// Progress of one stage on standard error.
///
/// On a terminal a bar with count, percent, rate and time left, redrawn at most ten times a second
/// and taken away at the end; elsewhere a plain line every ten seconds at most; a summary line at
/// the end in both. Any thread may report. Cost of a report that draws nothing: a lock and a clock.
final class Progress: Sendable {
  private struct State {
    var figures: ProgressFigures
    /// Seconds since the start.
    var nextDrawing: Double
    var isFinished = false
  }

  private let state: Mutex<State>
  private let clock = Stopwatch()
  private let isQuiet: Bool
  private let isDrawn: Bool

  /// - Parameters:
  ///   - stage: what is being done, one word or two.
  ///   - unit: what is counted, in the plural; `bytes` are shown as kB, MB and GB.
  ///   - total: the count at the end, nil where it is not known.
  ///   - start: what an earlier run has already done.
  ///   - isQuiet: shows nothing at all.
  ///   - showsLines: whether there are lines where there is no terminal to show a bar.
  init(
    _ stage: String, unit: String, total: Int? = nil, start: Int = 0, isQuiet: Bool = false,
    showsLines: Bool = true
  ) {
    self.isQuiet = isQuiet
    isDrawn = !isQuiet && (showsLines || Console.isTerminal)
    let figures = ProgressFigures(
      stage: stage, unit: unit, total: total, start: start, count: start, seconds: 0, note: "")
    let first = Console.isTerminal ? 0 : Self.interval
    state = Mutex(State(figures: figures, nextDrawing: first))
  }

  deinit { finish(summary: false) }

  /// Counts `amount` more.
  func advance(by amount: Int, note: String? = nil) {
    report(note: note) { $0 + amount }
  }

  /// Sets the count, measured from the stage's very beginning, earlier runs included.
  ///
  /// - Parameter total: the count at the end where it has become known, else nil.
  func update(to count: Int, of total: Int? = nil, note: String? = nil) {
    report(note: note, total: total) { _ in count }
  }

  /// Ends the stage: takes the bar away and, unless told not to, leaves a summary line.
  /// Reports that come later are ignored; so is a second end.
  func finish(summary: Bool = true) {
    state.withLock { state in
      if state.isFinished { return }
      state.isFinished = true
      state.figures.seconds = clock.seconds
      if isQuiet { return }
      if summary { Console.note(state.figures.summary) } else { Console.hideBar() }
    }
  }

  private func report(note: String?, total: Int? = nil, _ change: (Int) -> Int) {
    state.withLock { state in
      if state.isFinished { return }
      if let total { state.figures.total = total }
      state.figures.count = change(state.figures.count)
      if let note { state.figures.note = note }
      let now = clock.seconds
      if !isDrawn || now < state.nextDrawing { return }
      state.nextDrawing = now + Self.interval
      state.figures.seconds = now
      draw(state.figures)
    }
  }

  private func draw(_ figures: ProgressFigures) {
    if Console.isTerminal {
      Console.showBar(figures.bar(width: Console.width))
    } else {
      Console.note(figures.line)
    }
  }

  /// Seconds from one drawing to the next.
  private static var interval: Double { Console.isTerminal ? 0.1 : 10 }
}
