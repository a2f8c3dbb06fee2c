internal import RefluxMemory

/// The student's softmaxes at T of a row whose set was masked: of the other ids and of all; of a
/// row without a mask twice the same.
struct Student {
  var others: RowSoftmax
  var all: RowSoftmax

  /// q_R, the mass of the other ids.
  var outside: ReferenceShare {
    let share = others.share(of: all)
    return ReferenceShare(value: share, log: log(share))
  }
}

/// How the parts of a row's loss are weighed: everything but its logits.
struct RowTerms {
  let target: RowTarget
  /// 0 where the label is all there is.
  let alpha: Double
  /// Factor of the whole gradient, the row's weight included.
  let scale: Double
  let watches: Bool
  /// Factors of the objective's loss and gradient.
  let lossFactor: Double
  let pull: Double
  private let smoothing: Double
  private let zLoss: Double

  init(
    _ options: LossOptions, _ target: RowTarget, alpha: Double, scale: Double,
    factors: (loss: Double, gradient: Double), watches: Bool = false
  ) {
    (self.target, self.alpha, self.scale, self.watches) = (target, alpha, scale, watches)
    (lossFactor, pull) = (alpha * factors.loss, alpha * factors.gradient)
    (smoothing, zLoss) = (options.labelSmoothing, options.zLoss)
  }

  /// 1 - alpha, the label's share.
  var hard: Double { (1 - alpha) * (1 - smoothing) }
  /// What the label's share spreads over each of `size` ids.
  func spread(_ size: Int) -> Double { (1 - alpha) * smoothing / Double(size) }
  /// Factor of p_j in the gradient.
  func push(_ plain: RowSoftmax) -> Double { 1 - alpha + 2 * zLoss * plain.logSumExp }
  /// The label's share of the gradient at its own id, where all other parts are written.
  ///
  /// - Parameter slope: of the softcap at the label's logit.
  func addLabel(to row: View<Float>, slope: Double) {
    guard alpha < 1, let label = target.label else { return }
    row[label] -= Float(scale * hard * slope)
  }

  /// Whether the sum of all logits is needed.
  var sumsLogits: Bool { smoothing > 0 && alpha < 1 }

  /// (1 - alpha) CE + lambda (log sum e^z)^2.
  func plainLoss(_ plain: RowSoftmax, label logit: Float?, size: Int) -> Double {
    let squared = zLoss * plain.logSumExp * plain.logSumExp
    guard alpha < 1, let logit else { return squared }
    var loss = hard * -plain.logProbability(logit)
    if smoothing > 0 {
      loss += (1 - alpha) * smoothing * plain.logSumExp - spread(size) * plain.logitSum
    }
    return loss + squared
  }
}
