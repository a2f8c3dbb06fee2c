internal import RefluxEvaluation
internal import RefluxKernels
internal import RefluxTraining

/// How long a training takes, by a few of its steps.
public struct TrainTiming: Sendable, Equatable {
  /// Steps that were measured, after one that warms up.
  public var steps: Int
  /// Of a step.
  public var tokensPerSecond: Double
  /// Of a step.
  public var secondsPerStep: Double
  /// Of all evaluations of the run; nil without held-out tokens.
  public var evaluationSeconds: Double?
  /// Of the whole run.
  public var seconds: Double
}

/// A few steps of a training run, to say how long it takes; nothing is written.
struct TrainTrial {
  /// Makes no checkpoints.
  let trainer: Trainer
  let heldOut: HeldOut?
  let tokensPerEvaluation: Int
  let observer: StageObserver

  /// Steps that are measured at least, after one that warms up, and seconds that are enough.
  private static var steps: Int { 3 }
  private static var seconds: Double { 3 }

  /// What a few steps, and an evaluation, take.
  func measure() throws -> TrainTiming {
    var times: [Double] = []
    let tokens = Double(trainer.tokensPerStep)
    _ = try trainer.run { report in
      times.append(tokens / report.tokensPerSecond)
    } shouldStop: {
      observer.isInterrupted()
        || times.count > Self.steps && times.reduce(0, +) >= Self.seconds
    }
    try observer.check()
    // The first one prepares products and brings data in.
    let measured = times.count > 1 ? times.dropFirst() : times[...]
    let step = measured.reduce(0, +) / Double(measured.count)
    let evaluations = try heldOut.map(evaluationSeconds)
    return TrainTiming(
      steps: measured.count, tokensPerSecond: tokens / step, secondsPerStep: step,
      evaluationSeconds: evaluations,
      seconds: Double(trainer.configuration.steps) * step + (evaluations ?? 0))
  }

  /// Of all evaluations of the run, by a short one.
  private func evaluationSeconds(_ heldOut: HeldOut) throws -> Double {
    let report = try heldOut.evaluate()
    try observer.check()
    let (steps, interval) = (trainer.configuration.steps, heldOut.interval)
    let count = (steps + interval - 1) / interval
    return Double(count) * Double(tokensPerEvaluation) / report.tokensPerSecond
  }
}
