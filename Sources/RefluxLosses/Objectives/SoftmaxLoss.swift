public import RefluxMemory

/// Every loss of a row with every option.
///
/// With z = c tanh(x / c), p = softmax(z), P = softmax(z / T), label distribution
/// d_j = (1 - e) [j = y] + e / V, target t, weight w:
///
/// L = w (alpha T^2 KD(t, P) + (1 - alpha) CE(d, p) + lambda (log sum e^z)^2),
/// dL/dz_j = w (alpha T (a P_j - t_j) + (1 - alpha) (p_j - d_j) + 2 lambda (log sum e^z) p_j),
/// dL/dx_j = dL/dz_j (1 - (z_j / c)^2).
///
/// KD is the forward KL; of a ghost set its gradient outside the set has (a - b) q_j in place of
/// a P_j, where q is the softmax of the ids outside (see ``GhostKL``).
///
/// Passes over the row: two, in place, where one softmax is enough: at T = 1 or with the label
/// alone, without softcap, for sparse targets. Otherwise a pass for each of softcap, teacher, P and
/// p before the one that writes. A bfloat16 row is widened first and rounded once, at the end.
///
/// Error of the loss: below 3e-6 (1 + |L|); of the gradient: below 1e-6 (1 + T) scale, and half an
/// ulp of bfloat16. Memory: `SoftmaxLoss/init(options:vocabularySize:arena:instructionSet:)`.
public struct SoftmaxLoss: Sendable {
  /// How losses are formed.
  public let options: LossOptions
  /// How far the mass of a set may exceed 1; nothing then remains for others.
  public let rounding: MassRounding
  /// Its own memory, through which rows can be prefetched.
  public let scratch: LossScratch
  /// The row as float32, and the exponentials at T and at 1.
  let work: InlineArray<3, View<Float>>
  let ids: View<UInt32>
  let weights: View<Float>
  let logits: View<Float>

  /// Takes 32 bytes of `arena` per logit of a row, of which the sets' parts are touched only as far
  /// as sets are long. One per worker.
  ///
  /// - Throws: `option`.
  public init(
    options: LossOptions, vocabularySize: Int, arena: Arena,
    instructionSet: InstructionSet = .best, rounding: MassRounding = MassRounding()
  ) throws(LossError) {
    try options.validate()
    self.options = options
    self.rounding = rounding
    scratch = LossScratch(
      vocabularySize: vocabularySize, arena: arena, instructionSet: instructionSet)
    work = InlineArray { _ in arena.take(vocabularySize) }
    ids = arena.take(vocabularySize + 1)
    weights = arena.take(vocabularySize + 1)
    logits = arena.take(vocabularySize + 1)
  }

  /// Loss and gradient of one row, in place.
  ///
  /// - Parameters:
  ///   - row: V logits; holds `scale` dL/dx afterwards.
  ///   - label: y, where the loss has use for one.
  ///   - target: what is learned from.
  ///   - weight: w, factor of loss and gradient; 0 for an ignored position, whose gradient is 0.
  ///   - distillation: alpha of this row, 0...1; nil takes the options'.
  ///   - scale: factor of the gradient alone, 1 / rows for a mean.
  /// - Throws: `LossError` for what is wrong with the target, before any write.
  public func gradient<Element: Scalar>(
    _ row: View<Element>, label: Int?, target: LossTarget, weight: Double = 1,
    distillation: Double? = nil, scale: Double = 1
  ) throws(LossError) -> RowLoss {
    let alpha = distillation ?? options.distillation
    guard row.count <= work[0].count, row.count > 0 else {
      throw .length(row.count, expected: work[0].count)
    }
    guard (0...1).contains(alpha) else { throw .option("distillation", alpha) }
    guard weight >= 0, weight.isFinite else { throw .option("weight", weight) }
    if weight == 0 {
      clear(row)
      return RowLoss()
    }
    try target.validate(label: label, vocabularySize: row.count, rounding: rounding)
    if alpha < 1 && label == nil { throw .noLabel }
    let isFloat = Element.self == Float.self
    let values = isFloat ? row.settled(as: Float.self) : work[0].slice(0, row.count)
    if !isFloat { widen(row.settled(as: BFloat16.self), into: values) }
    if let cap = options.softcap { scratch.cap(values, Float(cap)) }
    let set = LossSet(self, target, label: label, row: values)
    let pass = LossPass(self, values, set, target: target, label: label, alpha: alpha)
    let result =
      needsOneSoftmax(target, alpha)
      ? pass.runOnce(weight: weight, scale: weight * scale)
      : pass.run(weight: weight, scale: weight * scale)
    if !isFloat { convert(values, into: row) }
    return result
  }

  private func clear<Element: Scalar>(_ row: View<Element>) {
    if Element.self == Float.self {
      row.settled(as: Float.self).fill(0)
    } else {
      row.settled(as: BFloat16.self).fill(BFloat16(rounding: 0))
    }
  }

  private func needsOneSoftmax(_ target: LossTarget, _ alpha: Double) -> Bool {
    options.softcap == nil && target.teacher == nil
      && (options.temperature == 1 || share(of: target, alpha: alpha) == 0)
  }

  /// Alpha, 0 where the label is all there is.
  func share(of target: LossTarget, alpha: Double) -> Double {
    if case .label = target { 0 } else { alpha }
  }
}
