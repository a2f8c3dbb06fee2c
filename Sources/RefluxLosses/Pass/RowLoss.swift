public import RefluxMemory
public import RefluxTargets

/// Loss and gradient of one row of logits for one objective and all options: one per worker.
///
/// With z = c tanh(x / c), q = softmax(z / T), p = softmax(z), the label's distribution
/// d_j = (1 - e) [j = y] + e / V and a weight w:
///
/// L = w (alpha KD + (1 - alpha) CE(d, p) + lambda (log sum e^z)^2),
///
/// where KD is the objective's loss at T, times T^2 where its definition says so.
///
/// Passes over the row: two, in place, where one softmax is enough: sets, without softcap, at T = 1
/// or with alpha 1. What an objective adds is said in its row of the table. Otherwise a pass for
/// each of softcap, teacher, q and p before the one that writes. A bfloat16 row is widened first
/// and rounded once, at the end, but for the objective or the label alone at T = 1, whose passes
/// are in place. The same row gives the same bits on either way to say the same options.
///
/// Error of the loss: below 3e-6 (1 + |L|), in place on bfloat16 4e-6; of the gradient: below 1e-5
/// of its largest part, from a teacher's whole row 5e-5 of it or 2e-6 of scale; and half an ulp of
/// bfloat16, in place an ulp. Memory:
/// ``init(_:kind:options:vocabularySize:arena:instructionSet:)``.
public struct RowLoss: Sendable {
  /// How losses are formed.
  public let options: LossOptions
  /// Its own memory, through which rows can be prefetched.
  public let scratch: LossScratch
  private(set) var objective: RowObjective
  /// T of the target and the student.
  let temperature: Double
  /// Factors of the objective's loss and gradient for its temperature.
  private let factors: (loss: Double, gradient: Double)
  /// The row as float32, and the exponentials at T and at 1.
  let work: InlineArray<4, View<Float>>

  /// Takes up to 72 bytes of `arena` per logit of a row, of which the sets' parts are touched only
  /// as far as sets are long, and the rest only where one softmax is not enough.
  ///
  /// - Parameters:
  ///   - choice: the objective, a row loss, from a `kind` that its entry names.
  ///   - kind: what targets are.
  ///   - options: of the loss; T is the objective's own where that is not 1.
  ///   - vocabularySize: the most logits of a row.
  ///   - instructionSet: what to run on; the best one unless two are to be compared.
  /// - Throws: `option`; `objective` where the objective has no row loss from `kind`.
  public init(
    _ choice: ObjectiveChoice, kind: TargetKind, options: LossOptions = LossOptions(),
    vocabularySize: Int, arena: Arena, instructionSet: InstructionSet = .best
  ) throws(LossError) {
    try options.validate()
    guard choice.name.entry.kinds.contains(kind), let objective = RowObjective(choice, kind) else {
      throw .objective(choice.name.rawValue, kind.rawValue)
    }
    let t = options.temperature(of: choice)
    self.init(
      objective, options, temperature: t,
      factors: RowObjective.isSquared(choice.name) ? (t * t, t) : (1, 1 / t),
      vocabularySize: vocabularySize, arena: arena, instructionSet)
  }

  /// Whether an objective is a loss of rows from targets of a kind.
  public static func hasKernel(_ choice: ObjectiveChoice, _ kind: TargetKind) -> Bool {
    choice.name.entry.kinds.contains(kind) && RowObjective(choice, kind) != nil
  }

  /// Cross-entropy from labels, or the forward KL from targets of another kind as they are.
  public static func forwardKL(
    from kind: TargetKind, vocabularySize: Int, arena: Arena,
    instructionSet: InstructionSet = .best
  ) -> RowLoss {
    let objective: RowObjective =
      switch kind {
      case .label: .label
      case .sampled, .topk: .affine(.plain)
      case .dense: .dense(.forward(TeacherPower(gamma: 1, isWeighted: false)))
      }
    return RowLoss(
      objective, LossOptions(), temperature: 1, factors: (1, 1), vocabularySize: vocabularySize,
      arena: arena, instructionSet)
  }

  private init(
    _ objective: RowObjective, _ options: LossOptions, temperature: Double,
    factors: (loss: Double, gradient: Double), vocabularySize: Int, arena: Arena,
    _ instructionSet: InstructionSet
  ) {
    (self.options, self.objective) = (options, objective)
    (self.temperature, self.factors) = (temperature, factors)
    scratch = LossScratch(
      vocabularySize: vocabularySize, arena: arena, instructionSet: instructionSet,
      selects: objective.selects)
    work = InlineArray { _ in arena.take(vocabularySize) }
  }

  /// Loss and gradient of one row, in place.
  ///
  /// - Parameters:
  ///   - row: V logits; holds `scale` w dL/dx afterwards.
  ///   - target: what is learned from; its ids below V and distinct, its weights finite.
  ///   - alpha: of this row, 0...1; nil takes the options'.
  ///   - weight: w, factor of loss and gradient; 0 for an ignored row, whose gradient is 0.
  ///   - scale: factor of the gradient alone, 1 / rows for a mean.
  ///   - watches: whether to find out what ``RowResult`` has beside the loss.
  public func gradient<Element: Scalar>(
    _ row: View<Element>, _ target: RowTarget, alpha: Double? = nil, weight: Double = 1,
    scale: Double = 1, watches: Bool = false
  ) -> RowResult {
    if weight == 0 {
      row.fill(Element(rounding: 0))
      return RowResult()
    }
    if case .truncated(let count, let tau, let own) = objective {
      var loss = self
      loss.objective = own
      return loss.gradient(
        row, truncated(target, count, tau), alpha: alpha, weight: weight, scale: scale,
        watches: watches)
    }
    var share = alpha ?? options.distillation
    if case .label = objective { share = 0 }
    let terms = RowTerms(
      options, target, alpha: share, scale: scale * weight, factors: factors, watches: watches)
    var result = needsApart(terms, Element.self) ? apart(row, terms) : inPlace(row, terms)
    result.loss *= weight
    return result
  }

  private func needsApart<Element: Scalar>(_ terms: RowTerms, _: Element.Type) -> Bool {
    if Element.self == BFloat16.self, !isPlain(terms) { return true }
    if options.softcap != nil { return true }
    if case .dense = objective { return true }
    if case .correlation = objective { return true }
    if case .spread = objective { return true }
    return temperature != 1 && (terms.alpha < 1 || options.zLoss > 0)
  }

  /// Whether bfloat16 exponentials are as good as gradients that are rounded to it at last.
  private func isPlain(_ terms: RowTerms) -> Bool {
    let isOne = terms.alpha == 0 || terms.alpha == 1
    return isOne && temperature == 1 && options.zLoss == 0 && !terms.sumsLogits
      && !objective.sumsLogits
  }

  /// Lets the next pass ask memory for the logits of another row's set: where rows are not in the
  /// cache, call it for the next row before the gradient of this one, so that fetching overlaps
  /// with it.
  public func prefetch<Element: Scalar>(_ row: View<Element>, _ set: SampleSet) {
    unsafe scratch.look(ahead: row.base, size: MemoryLayout<Element>.size, at: set.ids)
  }
}

/// What a row's loss finds out on its way.
public struct RowResult: Sendable, Equatable, BitwiseCopyable {
  /// The loss in nats, times the row's weight.
  public var loss = 0.0
  /// The teacher's mass on the set's ids.
  public var teacherMass = 0.0
  /// The student's mass on the set's ids, at T.
  public var studentMass = 0.0
  /// Whether the student's most probable id is the heaviest of the set.
  public var agrees = false
  /// Whether a bound of the objective changed the target.
  public var isCapped = false
}
