import RefluxBytes
import RefluxTraining

/// What the progress of a training says beside tokens, rate and time left.
struct TrainingNote {
  /// The last held-out loss, once there is one.
  var heldOutLoss: Double?
  private var loss = Double.nan
  /// Means that forget: about a hundred steps count.
  private var seconds = 0.0
  private var waitSeconds = 0.0

  /// Takes a step in and gives ``text``.
  mutating func text(after report: StepReport) -> String {
    loss = report.loss
    let tokens = Double(report.tokens) / Double(max(report.step, 1))
    let time = tokens / report.tokensPerSecond
    seconds = 0.99 * seconds + time
    waitSeconds = 0.99 * waitSeconds + time * report.dataWaitPercent / 100
    return text
  }

  /// `loss 3.21, data wait 0.1%, held-out 3.4`.
  var text: String {
    let wait = seconds > 0 ? 100 * waitSeconds / seconds : 0
    let text = "loss \(Quantity.decimal(loss)), data wait \(Quantity.fixed(wait, places: 1))%"
    return text + (heldOutLoss.map { ", held-out " + Quantity.decimal($0) } ?? "")
  }
}
