internal import RefluxMemory
internal import RefluxTargets

extension LossReference {
  /// The divergences of the table: dense, or with a set's rest as the option `tail` says.
  static func divergence(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let cells = cells(row, tail: objective.word("tail"))
    if objective.name == .rkl {
      let share = objective.number("fkl")
      if share > 0 {
        return mixed(cells.loss(.forward, of: row), cells.loss(.reverse, of: row), share)
      }
    }
    return cells.loss(divergence(objective), of: row)
  }

  private static func divergence(_ objective: ObjectiveChoice) -> ReferenceDivergence {
    switch objective.name {
    case .jsd:
      switch objective.number("beta") {
      case 0: .forward
      case 1: .reverse
      case let beta: .jensenShannon(beta)
      }
    case .skew: .skew(objective.number("alpha"))
    case .skewRKL: .skewReverse(objective.number("alpha"))
    case .tvd: .totalVariation
    case .ab: .alphaBeta(objective.number("a"), objective.number("b"))
    case .todi: .balanced
    default: .reverse
    }
  }

  /// The row's ids as a divergence takes them.
  static func cells(_ row: ReferenceRow, tail: String? = "bucket") -> ReferenceCells {
    guard let set = row.set, tail != "drop" else { return ReferenceCells(row.probabilities) }
    if tail != "spread" { return ReferenceCells(set, size: row.size) }
    return ReferenceCells(spread(set, over: row))
  }

  /// A teacher whose rest lies as the student's does: t_j = t_R q_j / q_R, held constant.
  private static func spread(_ set: ReferenceSet, over row: ReferenceRow) -> [ReferenceShare] {
    var all = row.student
    let known = Set(set.ids)
    let rest = ReferenceRow.logSum(all.indices.lazy.filter { !known.contains($0) }.map { all[$0] })
    let factor = log(set.rest) - rest
    for id in all.indices { all[id] = all[id] == -.infinity ? all[id] : all[id] + factor }
    for (id, weight) in zip(set.ids, set.weights) { all[id] = log(weight) }
    return all.map { ReferenceShare(log: $0) }
  }

  /// w A + (1 - w) B.
  static func mixed(_ one: RowResult, _ other: RowResult, _ w: Double) -> RowResult {
    (
      (w == 0 ? 0 : w * one.loss) + (w == 1 ? 0 : (1 - w) * other.loss),
      ReferencePairs(one.gradient, other.gradient).map { w * $0 + (1 - w) * $1 }
    )
  }

  /// AKL: w FKL + (1 - w) RKL, w the share of the head in sum |p - q|, held constant.
  ///
  /// Head: the first id by p, then those before the cumulated mass exceeds mu.
  static func adaptive(
    _ row: ReferenceRow, _ objective: ObjectiveChoice
  ) throws(ObjectiveError) -> RowResult {
    let mu = objective.number("mu")
    let top = row.top()
    if let set = row.set, set.ids.count < row.size {
      let mass = set.scalars[.mass] ?? set.weights.reduce(0, +)
      if mass < mu { throw .head(row: row.index, mass: mass, mu: mu) }
    }
    let cells = cells(row)
    let student = cells.student(row.student)
    let gaps = ReferencePairs(cells.shares, student).map { abs($0.value - $1.value) }
    var (mass, head) = (0.0, 0.0)
    for (place, (id, p)) in top.enumerated() {
      mass += p.value
      if place > 0 && mass > mu { break }
      head += gaps[cells.cells[id]]
    }
    let all = gaps.reduce(0, +)
    let w = all == 0 ? 0.5 : head / all
    return mixed(cells.loss(.forward, of: row), cells.loss(.reverse, of: row), w)
  }

  /// RKL, plus FKL where the teacher's entropy at T = 1 is above the threshold.
  static func byEntropy(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let cells = cells(row, tail: objective.word("tail"))
    let reverse = cells.loss(.reverse, of: row)
    let entropy = row.teacher.map { ReferenceScores.entropy($0) } ?? row.set?.scalars[.entropy]
    if (entropy ?? 0) <= objective.number("threshold") { return reverse }
    let forward = cells.loss(.forward, of: row)
    return (
      reverse.loss + forward.loss,
      ReferencePairs(reverse.gradient, forward.gradient).map { $0 + $1 }
    )
  }

  /// TAD: KL of the K largest and one rest, plus beta_X t_R KL(rest of p || rest of q), with
  /// beta_X = beta / (mean t_R of all rows).
  static func tailAware(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) -> ReferenceResult {
    let heads = rows.map { row in
      let top = row.top(objective.integer("k"))
      return ReferenceSet(ids: top.map(\.id), weights: top.map(\.p.value))
    }
    let rests = ReferencePairs(rows, heads).map { row, head in
      let (known, all) = (Set(head.ids), row.probabilities)
      return all.indices.lazy.filter { !known.contains($0) }.reduce(0) { $0 + all[$1].value }
    }
    let mean = rests.reduce(0, +) / Double(rows.count)
    let beta = mean == 0 ? 0 : objective.number("beta") / mean
    let parts = rows.indices.map { index in
      let row = rows[index]
      let coarse = ReferenceCells(heads[index], size: row.size, rest: rests[index])
      let fine = ReferenceCells(row.probabilities).loss(.forward, of: row)
      // KL = KL of the cells + t_R KL within the rest.
      return mixed(fine, coarse.loss(.forward, of: row), beta)
    }
    return ReferenceResult(mean: parts)
  }
}
