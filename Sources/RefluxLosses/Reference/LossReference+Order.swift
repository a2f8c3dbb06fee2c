internal import RefluxMemory

extension LossReference {
  /// PLD: L = sum_m alpha_m (log R_m - log q_(o_m)) along the chain o, the label and then the
  /// teacher's order; alpha = softmax(z' / tau), R_m the student's mass of place m and those after.
  ///
  /// dL/dz at place m is q C_m - alpha_m with C_m = sum_(l <= m) alpha_l / R_l; outside the chain
  /// q_j C. R is summed from the back, never as 1 less what came before.
  static func plackettLuce(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let logs = row.student
    let chain = chain(row, objective)
    var isOutside = [Bool](repeating: true, count: row.size)
    for (id, _) in chain { isOutside[id] = false }
    var behind = ReferenceRow.logSum(logs.indices.filter { isOutside[$0] }.map { logs[$0] })
    var masses: [Double] = []
    for (id, _) in chain.reversed() {
      behind = ReferenceRow.logSum([behind, logs[id]])
      masses.append(behind)
    }
    var (loss, slope) = (0.0, -Double.infinity)
    var gradient = [Double](repeating: 0, count: row.size)
    for ((id, alpha), mass) in zip(chain, masses.reversed()) {
      loss += ReferenceShare.entropyTerm(alpha.value, mass, logs[id])
      if alpha.value > 0 { slope = ReferenceRow.logSum([slope, alpha.log - mass]) }
      gradient[id] = exp(logs[id] + slope) - alpha.value
    }
    for id in logs.indices where isOutside[id] { gradient[id] = exp(logs[id] + slope) }
    return (loss, gradient)
  }

  private static func chain(
    _ row: ReferenceRow, _ objective: ObjectiveChoice
  ) -> [(id: Int, p: ReferenceShare)] {
    let top = row.top(temperature: objective.number("tau"))
    let label = top.first { $0.id == row.y }?.p ?? ReferenceShare(row.labelShare)
    let own = row.set == nil ? label : ReferenceShare(row.labelShare)
    let all = [(id: row.y, p: own)] + top.filter { $0.id != row.y }
    let steps = objective.integer("steps")
    return steps == 0 ? all : Array(all.prefix(steps))
  }

  /// ULD: sum_r |q_(r) - p_(r)| of both sorted, the shorter with zeros behind; dL/dq at the id of
  /// rank r is the sign. The rest of a set is one rank (bucket), or has no mass (zero).
  static func universal(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let student = row.student.map { exp($0) }
    let order = ReferenceRow.order(row.student)
    let teacher = row.top().map(\.p.value)
    var (loss, g) = (0.0, [Double](repeating: 0, count: row.size))
    for (rank, p) in teacher.enumerated() {
      let q = rank < order.count ? student[order[rank]] : 0
      loss += abs(q - p)
      if rank < order.count { g[order[rank]] = ReferenceRow.sign(q - p) }
    }
    let others = order.dropFirst(teacher.count)
    let rest = others.reduce(0) { $0 + student[$1] }
    let target = objective.word("tail") == "bucket" ? row.set?.rest ?? 0 : 0
    if !others.isEmpty || row.set != nil { loss += abs(rest - target) }
    for id in others { g[id] = ReferenceRow.sign(rest - target) }
    return (loss, row.chain(g))
  }
}
