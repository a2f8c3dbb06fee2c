internal import RefluxMemory
internal import RefluxTargets

/// An objective as the pass over a row takes it: resolved once for all rows.
enum RowObjective: Sendable {
  /// The label alone.
  case label
  /// Forward KL to a target that is affine in the teacher's weights.
  case affine(AffineTarget)
  /// Forward KL to p^gamma / U with the rest in a bucket, times U where it is weighted; gamma of 1
  /// is the ghost token.
  case ghost(gamma: Double, isWeighted: Bool)
  /// A divergence with the rest of the set in a bucket, or dropped.
  case bucket(Divergence, keepsRest: Bool)
  /// Reverse KL, plus the forward KL where the teacher's entropy is above a threshold.
  case byEntropy(threshold: Double, keepsRest: Bool)
  /// AKL.
  case adaptive(mu: Double)
  /// AB with the rest as the student's lies, or dropped.
  case spread(a: Double, b: Double, keepsRest: Bool)
  /// PLD; of so many places.
  case plackettLuce(steps: Int)
  case decoupled(DecoupledTarget)
  /// ULD, with the rest as one rank or without.
  case universal(keepsRest: Bool)
  /// DIST between the two rows, times this.
  case correlation(weight: Double)
  /// All logits of the teacher.
  case dense(DenseObjective)
  /// The teacher's most probable ids as a set of which the rest is known, for an objective of sets.
  indirect case truncated(count: Int, temperature: Double, RowObjective)

  /// - Returns: nil for an objective whose rows stand together, and for pairs that training
  ///   refuses.
  init?(_ choice: ObjectiveChoice, _ kind: TargetKind) {
    if choice.standsInGroups { return nil }
    guard let found = kind == .dense ? Self.ofTeacher(choice) : Self.ofSets(choice, kind) else {
      return nil
    }
    self = found
  }

  private static func ofTeacher(_ choice: ObjectiveChoice) -> RowObjective? {
    switch choice.name {
    case .lbf, .kdTopK, .pld:
      let count = choice.integer(choice.name == .pld ? "steps" : "k")
      if count > 0, let own = ofSets(choice, .topk) {
        let tau = choice.name == .pld ? choice.number("tau") : 1
        return .truncated(count: count, temperature: tau, own)
      }
      if choice.name == .kdTopK {
        return .dense(.forward(TeacherPower(gamma: 1, isWeighted: false)))
      }
    default: break
    }
    return DenseObjective(choice).map(RowObjective.dense)
  }

  private static func ofSets(_ choice: ObjectiveChoice, _ kind: TargetKind) -> RowObjective? {
    let keepsRest = choice.word("tail") != "drop"
    switch choice.name {
    case .ce: return .label
    case .rskd, .topk: return .affine(.plain)
    case .smoothing: return .affine(.uniform)
    case .naive: return .affine(.toLabel)
    case .lbf:
      let k = kind == .sampled ? 0 : choice.integer("k")
      return .affine(.fused(share: choice.word("form") == "paper" ? nil : 0.1, k: k))
    case .kdPT: return .affine(.labelShare)
    case .kdTopK: return .affine(.topShares(k: choice.integer("k")))
    // The table's cosines stand in for a teacher's logits.
    case .kdSim: return .dense(.forward(TeacherPower(gamma: 1, isWeighted: false)))
    case .ghost: return .ghost(gamma: 1, isWeighted: false)
    case .ttm, .wttm:
      let isWeighted = choice.name == .wttm
      if kind == .sampled { return .affine(isWeighted ? .weighted : .plain) }
      return .ghost(gamma: choice.number("gamma"), isWeighted: isWeighted)
    case .pld: return .plackettLuce(steps: choice.integer("steps"))
    case .dkd: return .decoupled(DecoupledTarget(choice, isDrawn: kind == .sampled))
    case .mix:
      return .byEntropy(threshold: choice.number("threshold"), keepsRest: keepsRest)
    case .akl: return .adaptive(mu: choice.number("mu"))
    case .uld: return .universal(keepsRest: choice.word("tail") == "bucket")
    case .dist: return .correlation(weight: choice.number("inter"))
    case .ab:
      let (a, b) = (choice.number("a"), choice.number("b"))
      // The bucket's f is that of all its ids together only for a + b = 1.
      let isSpread = choice.word("tail") != "bucket" && abs(a + b - 1) > 1e-9
      // A power of 0 or below counts ids that cannot be.
      if isSpread { return a + b > 1e-9 ? .spread(a: a, b: b, keepsRest: keepsRest) : nil }
      return .bucket(Divergence(.alphaBeta(a, b)), keepsRest: keepsRest)
    default:
      return ReferenceDivergence(choice).map { .bucket(Divergence($0), keepsRest: keepsRest) }
    }
  }

  /// Whether the ids with a gradient of their own are those of the set as it was given.
  var keepsSet: Bool {
    switch self {
    case .affine(.plain), .affine(.weighted), .affine(.uniform), .ghost(gamma: 1, isWeighted: _),
      .bucket, .byEntropy, .adaptive, .spread, .correlation:
      true
    default: false
    }
  }

  /// Whether the pass runs with the logits of the set masked, so that the mass of all other ids is
  /// never 1 less that of the set.
  var masksSet: Bool {
    switch self {
    case .label, .affine, .correlation, .dense, .truncated: false
    case .ghost, .bucket, .byEntropy, .adaptive, .spread, .plackettLuce, .decoupled, .universal:
      true
    }
  }

  /// Whether the student's largest logits are asked for.
  var selects: Bool {
    switch self {
    case .universal, .truncated: true
    default: false
    }
  }

  /// Whether the loss needs the sum of all logits.
  var sumsLogits: Bool {
    if case .affine(let target) = self { target.isSpread } else { false }
  }

  /// Whether mass that the set leaves goes elsewhere.
  var usesRest: Bool {
    switch self {
    case .label, .dense, .truncated, .correlation: false
    case .affine(let target): target.usesRest
    // Draws have no rest, and weights of corrected ones any sum.
    case .decoupled(let target): !target.isDrawn
    default: true
    }
  }

  /// Whether the loss has the factor T^2.
  static func isSquared(_ name: ObjectiveName) -> Bool {
    switch name {
    case .rskd, .topk, .ghost, .smoothing, .naive, .fullkd, .dkd: true
    default: false
    }
  }
}

extension RowObjective {
  /// Refuses a target at which the loss is infinite, or has no meaning.
  func check(_ target: RowTarget, vocabularySize: Int) throws(LossError) {
    guard let set = target.set else { return }
    let rest = max(0, 1 - (target.scalars[.mass] ?? set.mass))
    switch self {
    case .adaptive(let mu):
      if 1 - rest < mu, set.ids.count < vocabularySize { throw .head(mass: 1 - rest, mu: mu) }
      try Self.requireMass(set, rest, vocabularySize)
    case .bucket(let divergence, let keepsRest) where divergence.reference.isInfiniteAtZero:
      try Self.requireMass(set, keepsRest ? rest : 0, vocabularySize)
    case .byEntropy(_, let keepsRest):
      try Self.requireMass(set, keepsRest ? rest : 0, vocabularySize)
    default: break
    }
  }

  private static func requireMass(
    _ set: SampleSet, _ rest: Double, _ vocabularySize: Int
  ) throws(LossError) {
    if rest == 0, set.ids.count < vocabularySize { throw .infinite }
    for place in 0..<set.ids.count where set.weights[place] == 0 { throw .infinite }
  }
}

extension ReferenceDivergence {
  /// Whether f is infinite where the teacher's probability is 0 and the student's is not.
  var isInfiniteAtZero: Bool {
    switch self {
    case .reverse, .balanced: true
    case .mixed(let share): share < 1
    case .alphaBeta(let a, _): a < 1e-4
    default: false
    }
  }

  /// That of an objective of the family; nil for others.
  init?(_ choice: ObjectiveChoice) {
    switch choice.name {
    case .rkl:
      let share = choice.number("fkl")
      self = share == 0 ? .reverse : share == 1 ? .forward : .mixed(share)
    case .jsd:
      let beta = choice.number("beta")
      self = beta == 0 ? .forward : beta == 1 ? .reverse : .jensenShannon(beta)
    case .skew: self = .skew(choice.number("alpha"))
    case .skewRKL: self = .skewReverse(choice.number("alpha"))
    case .tvd: self = .totalVariation
    case .ab: self = .alphaBeta(choice.number("a"), choice.number("b"))
    case .todi: self = .balanced
    default: return nil
    }
  }
}
