import RefluxEvaluation
import RefluxJSON
import RefluxMemory
import RefluxTraining

/// A few steps of a training run, to say how long it takes; nothing is written.
struct TrainTrial {
  /// Makes no checkpoints.
  let trainer: Trainer
  let heldOut: HeldOut?
  let tokensPerEvaluation: Int

  /// Steps that are measured at least, after one that warms up, and seconds that are enough.
  private static var steps: Int { 3 }
  private static var seconds: Double { 3 }

  /// Adds to `facts` what a few steps, and an evaluation, take.
  func measure(into facts: inout Facts) throws {
    var times: [Double] = []
    let tokens = Double(trainer.tokensPerStep)
    _ = try trainer.run { report in
      times.append(tokens / report.tokensPerSecond)
    } shouldStop: {
      Interruption.isRequested
        || times.count > Self.steps && times.reduce(0, +) >= Self.seconds
    }
    try Interruption.check("nothing was to be written; run the same command again")
    // The first one prepares products and brings data in.
    let measured = times.count > 1 ? times.dropFirst() : times[...]
    let step = measured.reduce(0, +) / Double(measured.count)
    let steps = trainer.configuration.steps
    let evaluations = try evaluationSeconds()
    let seconds = Double(steps) * step + evaluations
    facts.add("measured_steps", .integer(measured.count))
    facts.add("tokens_per_second", .number((tokens / step).rounded()))
    facts.add("seconds_per_step", .number(step))
    if heldOut != nil {
      facts.add(
        "evaluation_seconds", .number(evaluations), label: "evaluations",
        text: CacheForecast.time(evaluations))
    }
    facts.add("seconds", .number(seconds), label: "time", text: CacheForecast.time(seconds))
  }

  /// Of all evaluations of the run, by a short one.
  private func evaluationSeconds() throws -> Double {
    guard let heldOut else { return 0 }
    let report = try heldOut.evaluate()
    try Interruption.check("nothing was to be written; run the same command again")
    let (steps, interval) = (trainer.configuration.steps, heldOut.interval)
    let count = (steps + interval - 1) / interval
    return Double(count) * Double(tokensPerEvaluation) / report.tokensPerSecond
  }
}
