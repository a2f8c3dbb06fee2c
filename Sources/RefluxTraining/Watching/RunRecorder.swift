internal import RefluxKernels
internal import RefluxMemory
internal import RefluxProfiling

/// Turns the steps of a run into its log: every so many steps a row, with held-out figures where
/// they are due.
///
/// Rates and data wait of a row are means over the steps since the row before.
public final class RunRecorder {
  private let log: RunLog
  private let steps: Int
  private let interval: Int
  private let heldOut: HeldOut?
  private let clock = Stopwatch()
  /// Of the steps since the last row.
  private var (tokens, seconds, waitSeconds) = (0.0, 0.0, 0.0)

  /// - Parameters:
  ///   - log: opened at the step where the run resumes.
  ///   - configuration: the run's.
  ///   - interval: steps from one row to the next, at least 1; the last step always has a row.
  public init(
    _ log: RunLog, _ configuration: TrainingConfiguration, interval: Int,
    heldOut: HeldOut? = nil
  ) {
    self.log = log
    steps = configuration.steps
    self.interval = interval
    self.heldOut = heldOut
  }

  /// Takes a step; to be called after each one, before its checkpoint.
  ///
  /// - Returns: the row that was logged, if this step has one.
  public func record(_ report: StepReport) throws -> MetricsRow? {
    count(report)
    let isEvaluated = heldOut != nil && isDue(report.step, heldOut?.interval)
    guard isDue(report.step, interval) || isEvaluated else { return nil }
    var mean = report
    mean.tokensPerSecond = tokens / seconds
    mean.dataWaitPercent = 100 * waitSeconds / seconds
    (tokens, seconds, waitSeconds) = (0, 0, 0)
    let figures = isEvaluated ? try heldOut?.evaluate() : nil
    let row = MetricsRow(
      report: mean, seconds: log.secondsBefore + clock.seconds, heldOut: figures)
    try log.add(row)
    return row
  }

  /// Makes the log durable: to be called before each checkpoint (see ``Trainer/onCheckpoint``), so
  /// that no checkpoint outlives rows of steps before it, and at the end.
  public func sync() throws(TrainingError) { try log.sync() }

  private func count(_ report: StepReport) {
    let size = Double(report.tokens) / Double(max(report.step, 1))
    let time = size / report.tokensPerSecond
    tokens += size
    seconds += time
    waitSeconds += time * report.dataWaitPercent / 100
  }

  private func isDue(_ step: Int, _ interval: Int?) -> Bool {
    interval.map { step % $0 == 0 || step == steps } ?? false
  }
}
