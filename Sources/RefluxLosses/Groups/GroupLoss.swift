internal import RefluxMemory
internal import RefluxTargets

/// Loss and gradient of rows that stand together, for one objective and all options: one per
/// worker.
///
/// L = alpha KD + sum over the rows of (1 - alpha) CE + lambda (log sum e^z)^2, KD the objective's
/// value times the rows that it is a mean over. Rows of weight 0 are left out of their group; the
/// others count the mean of their weights, and all have one alpha, the mean of theirs.
struct GroupLoss: Sendable {
  /// Rows of a group; the last of a batch may have fewer.
  let rows: Int
  private let objective: GroupObjective
  private let options: LossOptions
  private let temperature: Double
  let scratch: LossScratch
  /// The logits of a group, and a row at T = 1.
  private let kept: Matrix<Float>
  private let plain: View<Float>

  /// Takes 4 bytes of `arena` per logit of a group beside a ``LossScratch``.
  init(
    _ objective: GroupObjective, rows: Int, temperature: Double, options: LossOptions,
    vocabularySize: Int, arena: Arena, instructionSet: InstructionSet
  ) {
    (self.objective, self.rows) = (objective, rows)
    (self.options, self.temperature) = (options, temperature)
    scratch = LossScratch(
      vocabularySize: vocabularySize, arena: arena, instructionSet: instructionSet,
      selects: objective.selects)
    kept = arena.takeMatrix(rows, vocabularySize)
    plain = arena.take(vocabularySize)
  }

  /// Loss and gradient of one group, in place.
  ///
  /// - Parameter members: the group's rows that count; at most ``rows``.
  /// - Returns: what the group adds to sum w L.
  func gradient(_ members: [GroupMember], scale: Double) -> Double {
    guard !members.isEmpty else { return 0 }
    let count = Double(members.count)
    let weight = members.reduce(0) { $0 + $1.weight } / count
    let alpha = members.reduce(0) { $0 + $1.alpha } / count
    for (row, member) in members.enumerated() {
      kept.row(row).copy(from: member.logits)
      if let cap = options.softcap { scratch.cap(kept.row(row), Float(cap)) }
    }
    let group = GroupRows(
      logits: members.indices.map { kept.row($0) }, gradients: members.map(\.logits),
      targets: members.map(\.target), temperature: temperature)
    var total = alpha * weight * value(of: group)
    for (row, member) in members.enumerated() {
      total += finish(kept.row(row), member, alpha: alpha, weight: weight, scale: scale)
    }
    return total
  }

  private func value(of group: GroupRows) -> Double {
    switch objective {
    case .sinkhorn(let options): Sinkhorn(options, group, scratch).run()
    case .graph(let options): Graph(options, group, scratch).run()
    case .correlation(let inter, let intra): Correlations(group, scratch).run(inter, intra)
    case .topScaled(let options): TopScaled(options, group, scratch).run()
    case .tailAware(let k, let beta): TailAware(group, scratch).run(k: k, beta: beta)
    }
  }

  /// Joins the objective's gradient of a row with that of the label. Returns the label's part of
  /// the loss.
  private func finish(
    _ logits: View<Float>, _ member: GroupMember, alpha: Double, weight: Double, scale: Double
  ) -> Double {
    let terms = RowTerms(
      options, member.target, alpha: alpha, scale: scale * weight, factors: (1, 1))
    var sum = GradientSum(scale: terms.scale, scratch: scratch)
    sum.add(member.logits, times: alpha)
    var loss = 0.0
    let logit = member.target.label.map { logits[$0] }
    if alpha < 1 || options.zLoss > 0 {
      let softmax = RowSoftmax(
        exponentiating: logits, into: plain, temperature: 1, scratch: scratch)
      sum.add(plain, softmax, terms.push(softmax))
      loss = terms.plainLoss(softmax, label: logit, size: logits.count)
    }
    sum.offset = -terms.spread(logits.count)
    sum.write(to: logits, cap: options.softcap)
    if let logit { terms.addLabel(to: logits, slope: options.slope(at: logit)) }
    member.logits.copy(from: logits)
    return weight * loss
  }
}

/// A row of a group.
struct GroupMember {
  /// Logits; become the gradient.
  let logits: View<Float>
  let target: RowTarget
  let weight: Double
  let alpha: Double
}
