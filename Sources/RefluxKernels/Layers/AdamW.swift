public import RefluxMemory

/// AdamW with decoupled weight decay (Loshchilov and Hutter, 2019), over any share of a tensor.
public struct AdamW: Sendable, Equatable {
  /// Share of the first moment m kept at each step, in 0..<1.
  public var beta1: Float
  /// Share of the second moment v kept at each step, in 0..<1.
  public var beta2: Float
  /// Added to the root of the corrected second moment, so that no step divides by zero.
  public var epsilon: Float

  /// Values of ``beta1`` and ``beta2``.
  public static let betaRange: Range<Float> = 0..<1

  /// Takes beta2 = 0.95 as language models do, not the usual 0.999; no value is checked.
  public init(beta1: Float = 0.9, beta2: Float = 0.95, epsilon: Float = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// One step of every element:
  /// m <- b1 m + (1 - b1) c g;  v <- b2 v + (1 - b2) (c g)^2;
  /// w <- w - rate decay w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
  ///
  /// - Parameters:
  ///   - step: t, from 1.
  ///   - clip: c, the factor of gradient clipping (1: none).
  ///   - decay: weight decay of this tensor; 0 for gains.
  public func update(
    weights: View<Float>, gradient: View<Float>, m: View<Float>, v: View<Float>, step: Int,
    rate: Float, decay: Float, clip: Float
  ) {
    let correction1 = 1 - pow(Double(beta1), Double(step))
    let correction2 = 1 - pow(Double(beta2), Double(step))
    let keep = Lanes(repeating: 1 - rate * decay)
    let stepSize = Lanes(repeating: -rate / Float(correction1))
    let root = Lanes(repeating: Float(1 / correction2.squareRoot()))
    var index = 0
    while index < weights.count {
      let g = gradient.load(index, fill: 0) * clip
      let first = multiplyAdd(m.load(index, fill: 0), Lanes(repeating: beta1), g * (1 - beta1))
      let second = multiplyAdd(
        v.load(index, fill: 0), Lanes(repeating: beta2), g * g * (1 - beta2))
      let denominator = multiplyAdd(squareRoot(second), root, Lanes(repeating: epsilon))
      let w = weights.load(index, fill: 0) * keep
      m.storeSome(first, index)
      v.storeSome(second, index)
      weights.storeSome(multiplyAdd(first / denominator, stepSize, w), index)
      index += 16
    }
  }

  /// One step of one element by its definition, in float64: the reference for the fast version.
  ///
  /// - Parameters: as in `update`; `gradient` is g before clipping.
  public static func reference(
    weight: inout Double, m: inout Double, v: inout Double, gradient: Double, step: Int,
    rate: Double, decay: Double, clip: Double, beta1: Double = 0.9, beta2: Double = 0.95,
    epsilon: Double = 1e-8
  ) {
    let g = gradient * clip
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    let corrected = m / (1 - pow(beta1, Double(step)))
    let root = (v / (1 - pow(beta2, Double(step)))).squareRoot()
    weight -= rate * decay * weight + rate * corrected / (root + epsilon)
  }
}
