internal import RefluxMemory
internal import RefluxTargets

extension LossReference {
  /// L = T^2 sum t log(t / q), dL/dz = T (a q - t) with a = sum t.
  static func forward(_ target: [ReferenceShare], _ row: ReferenceRow) -> RowResult {
    let (logs, temperature) = (row.student, row.temperature)
    let mass = target.reduce(0) { $0 + $1.value }
    let loss = zip(target, logs).reduce(0) {
      $0 + ReferenceShare.entropyTerm($1.0.value, $1.0.log, $1.1)
    }
    let gradient = ReferencePairs(target, logs).map { temperature * (mass * exp($1) - $0.value) }
    return (temperature * temperature * loss, gradient)
  }

  static func forward(_ target: [Double], _ row: ReferenceRow) -> RowResult {
    forward(target.map { ReferenceShare($0) }, row)
  }

  /// All mass on the label.
  static func oneHot(_ row: ReferenceRow) -> [Double] {
    row.logits.indices.map { $0 == row.y ? 1 : 0 }
  }

  /// L = -log q_y.
  static func crossEntropy(_ row: ReferenceRow) -> RowResult { forward(oneHot(row), row) }

  /// The losses of sampled logits: a set as it is, or with its rest somewhere; or all of p.
  static func sampling(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    guard let set = row.set else { return forward(row.probabilities, row) }
    if objective.name == .ghost {
      return ReferenceCells(set, size: row.size).loss(.forward, of: row)
    }
    var target = set.spread(over: row.size)
    let rest = max(0, 1 - set.weights.reduce(0, +))
    switch objective.name {
    case .naive: target[row.y] += rest
    case .smoothing: target = target.map { $0 + rest / Double(row.size) }
    default: break
    }
    return forward(target, row)
  }

  /// LBF. paper: t = (p on the top K + e_y) / (1 + S); code: 0.9 CE + 0.1 KL(p / S || q).
  static func labelFused(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let top = row.top(row.isDrawn ? 0 : objective.integer("k"))
    let mass = top.reduce(0) { $0 + $1.p.value }
    var target = [Double](repeating: 0, count: row.size)
    for (id, p) in top { target[id] = p.value / mass }
    let isPaper = objective.word("form") == "paper"
    let share = isPaper ? mass / (1 + mass) : 0.1
    if !isPaper { return mixed(forward(target, row), crossEntropy(row), share) }
    return forward(ReferencePairs(target, oneHot(row)).map { share * $0 + (1 - share) * $1 }, row)
  }

  /// KD-pt: rho_y = p_y, else (1 - p_y) / (V - 1).
  static func labelShare(_ row: ReferenceRow) -> RowResult {
    let (label, others) = (row.labelShare, Double(max(1, row.size - 1)))
    return forward(oneHot(row).map { $0 == 1 ? label : (1 - label) / others }, row)
  }

  /// KD-topk: p on the top K, (1 - S) / (V - K) elsewhere.
  static func topShares(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let top = row.top(objective.integer("k"))
    let others = row.size - top.count
    let rest = max(0, 1 - top.reduce(0) { $0 + $1.p.value })
    let even = others == 0 ? 0 : rest / Double(others)
    var target = [ReferenceShare](repeating: ReferenceShare(even), count: row.size)
    for (id, p) in top { target[id] = p }
    return forward(target, row)
  }

  /// KD-sim: rho = softmax(cos(w_y, w_j) / tau) over the rows w of a table.
  static func similar(
    _ row: ReferenceRow, _ objective: ObjectiveChoice, table: [[Double]]
  ) -> RowResult {
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let own = table[row.y]
    let cosines = table.map { other in
      let norms = (product(own, own) * product(other, other)).squareRoot()
      return norms == 0 ? 0 : product(own, other) / norms
    }
    let logs = ReferenceRow.logSoftmax(cosines, objective.number("tau"))
    return forward(logs.map { ReferenceShare(log: $0) }, row)
  }

  /// KD-rel: b1 for the label, b2 for each other id of its group, equal parts of the rest.
  static func related(
    _ row: ReferenceRow, _ objective: ObjectiveChoice, groups: [Int]
  ) throws(ObjectiveError) -> RowResult {
    let (label, same) = (objective.number("b1"), objective.number("b2"))
    let members = groups.count { $0 == groups[row.y] }
    let rest = 1 - label - same * Double(members - 1)
    let others = row.size - members
    if rest < -1e-12 || others == 0 && rest > 1e-12 { throw .shares(rest) }
    let elsewhere = others == 0 ? 0 : max(0, rest) / Double(others)
    let target = groups.indices.map { id in
      id == row.y ? label : groups[id] == groups[row.y] ? same : elsewhere
    }
    return forward(target, row)
  }

  /// TTM: KL(t || q) with t = p^gamma / U, U = sum p^gamma; WTTM: U times that.
  static func matching(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let gamma = objective.number("gamma")
    let power = power(of: row, gamma)
    let result: RowResult
    if let teacher = row.teacher {
      let logs = ReferenceRow.logSoftmax(teacher.map { $0 * gamma })
      result = forward(logs.map { ReferenceShare(log: $0) }, row)
    } else if let set = row.set, !row.isDrawn {
      let weights = set.weights.map { pow($0, gamma) / power }
      let tempered = ReferenceSet(ids: set.ids, weights: weights)
      result = ReferenceCells(tempered, size: row.size).loss(.forward, of: row)
    } else {
      result = forward(row.probabilities, row)
    }
    let factor = objective.name == .wttm ? power : 1
    return (factor * result.loss, result.gradient.map { factor * $0 })
  }

  /// U = sum p^gamma = exp(log sum e^(gamma z') - gamma log sum e^z').
  private static func power(of row: ReferenceRow, _ gamma: Double) -> Double {
    guard let teacher = row.teacher else { return row.set?.scalars[.power] ?? 1 }
    return exp(
      ReferenceRow.logSum(teacher.map { $0 * gamma }) - gamma * ReferenceRow.logSum(teacher))
  }
}
