internal import RefluxTraining

/// How a training goes at one step.
public struct TrainingFigures: Sendable, Equatable {
  /// The loss of the step, in nats.
  public var loss: Double
  /// Share of the time that was spent waiting for data; a mean of about a hundred steps.
  public var dataWaitPercent: Double
  /// The last loss on held-out tokens, in nats; nil before the first.
  public var heldOutLoss: Double?
}

/// Makes the figures of a run, step by step.
struct TrainingMeans {
  /// The last held-out loss, once there is one.
  var heldOutLoss: Double?
  private var loss = Double.nan
  /// Means that forget: about a hundred steps count.
  private var seconds = 0.0
  private var waitSeconds = 0.0

  /// Takes a step in and gives ``figures``.
  mutating func figures(after report: StepReport) -> TrainingFigures {
    loss = report.loss
    let tokens = Double(report.tokens) / Double(max(report.step, 1))
    let time = tokens / report.tokensPerSecond
    seconds = 0.99 * seconds + time
    waitSeconds = 0.99 * waitSeconds + time * report.dataWaitPercent / 100
    return figures
  }

  var figures: TrainingFigures {
    TrainingFigures(
      loss: loss, dataWaitPercent: seconds > 0 ? 100 * waitSeconds / seconds : 0,
      heldOutLoss: heldOutLoss)
  }
}
