internal import RefluxMemory

/// How the gradient of a sparse target stands to that of the teacher's full distribution, at one
/// batch size: the figures of the paper's third table.
public struct GradientAngle: Sendable, Equatable {
  /// What the sparse gradient is of: `samples` for a store, else estimator and rounds: `topk12`.
  public var target: String
  /// Windows of a batch.
  public var batch: Int
  /// Batches that the means are taken over.
  public var batches: Int
  /// Mean angle between the two gradients, in degrees, 0...180.
  public var angleDegrees: Double
  /// Mean of |sparse| / |full|.
  public var normRatio: Double
}

/// Sums over batches of one size.
struct GradientAngleSums {
  private(set) var batches = 0
  private var angles = 0.0
  private var ratios = 0.0

  /// Takes the scalar products of a batch's two gradients: sparse by sparse, full by full, and
  /// sparse by full. A gradient of nothing has no direction: the angle is then 90 degrees.
  mutating func add(sparse: Double, full: Double, product: Double) {
    let norms = (sparse * full).squareRoot()
    let cosine = norms > 0 ? min(max(product / norms, -1), 1) : 0
    angles += acos(cosine) * 180 / .pi
    ratios += (sparse / full).squareRoot()
    batches += 1
  }

  func mean(_ target: String, batch: Int) -> GradientAngle {
    let count = Double(batches)
    return GradientAngle(
      target: target, batch: batch, batches: batches, angleDegrees: angles / count,
      normRatio: ratios / count)
  }
}
