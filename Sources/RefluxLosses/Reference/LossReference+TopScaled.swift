internal import RefluxMemory

extension LossReference {
  /// TopKD: the contrast of rows and the cosines with scaled logits.
  static func topScaled(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) -> ReferenceResult {
    let (cosines, contrast) = (scaledCosines(rows, objective), contrast(rows, objective))
    let parts = ReferencePairs(cosines, contrast).map { one, other in
      (one.loss + other.loss, ReferencePairs(one.gradient, other.gradient).map { $0 + $1 })
    }
    return ReferenceResult(mean: parts)
  }

  /// TDL: 1 less cosines of z with the scaled z': alpha on its K largest, beta on its K smallest, 1
  /// elsewhere.
  static func scaledCosines(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) -> [RowResult] {
    rows.map { row in
      let scaled = scaled(row, objective)
      let order = ReferenceRow.order(scaled)
      let k = min(objective.integer("k"), order.count / 2)
      let groups: [(ArraySlice<Int>, Double)] = [
        (order.prefix(k), objective.number("alpha")), (order.suffix(k), objective.number("beta")),
        (order.dropFirst(k).dropLast(k), 1),
      ]
      var (loss, gradient) = (1.0, [Double](repeating: 0, count: row.size))
      for (ids, weight) in groups {
        let result = cosine(ids.map { row.logits[$0] }, ids.map { scaled[$0] })
        loss -= weight * result.value
        for (id, slope) in zip(ids, result.slopes) { gradient[id] -= weight * slope }
      }
      return (loss, gradient)
    }
  }

  /// TSM: the K largest of z' times a factor from w down to 1, plus a share of the gap of means;
  /// the label's times w_label where it is not the first.
  static func scaled(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> [Double] {
    let teacher = row.teacher ?? []
    let order = ReferenceRow.order(teacher)
    let (top, rest) = (
      order.prefix(objective.integer("k")), order.dropFirst(objective.integer("k"))
    )
    func mean(_ ids: ArraySlice<Int>) -> Double {
      ids.isEmpty ? 0 : ids.reduce(0) { $0 + teacher[$1] } / Double(ids.count)
    }
    let shift = rest.isEmpty ? 0 : objective.number("shift") * (mean(top) - mean(rest))
    let (w, steps) = (objective.number("w"), Double(max(top.count - 1, 1)))
    var scaled = teacher
    for (rank, id) in top.enumerated() {
      scaled[id] = teacher[id] * (w + (1 - w) * Double(rank) / steps) + shift
    }
    if order.first != row.y { scaled[row.y] = teacher[row.y] * objective.number("w_label") + shift }
    return scaled
  }

  /// u.v / max(|u| |v|, 1e-8) and its derivative by u; 0 where either vanishes.
  private static func cosine(_ u: [Double], _ v: [Double]) -> (value: Double, slopes: [Double]) {
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (norm, length) = (product(u, u).squareRoot(), product(v, v).squareRoot())
    if norm * length < 1e-8 { return (0, u.map { _ in 0 }) }
    let value = product(u, v) / (norm * length)
    return (value, ReferencePairs(u, v).map { $1 / (norm * length) - value * $0 / (norm * norm) })
  }

  /// Half the cross-entropy of S = z z'^T / tau with its diagonal, by rows and by columns.
  static func contrast(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) -> [RowResult] {
    let (group, tau) = (objective.integer("group"), objective.number("tau"))
    return stride(from: 0, to: rows.count, by: group).flatMap { start in
      contrast(of: Array(rows[start..<start + group]), tau)
    }
  }

  private static func contrast(of rows: [ReferenceRow], _ tau: Double) -> [RowResult] {
    let products = rows.map { row in
      rows.map { other in
        zip(row.logits, other.teacher ?? []).reduce(0) { $0 + $1.0 * $1.1 } / tau
      }
    }
    let byRow = products.map { ReferenceRow.logSoftmax($0) }
    let byColumn = products.indices.map { j in ReferenceRow.logSoftmax(products.map { $0[j] }) }
    return rows.indices.map { i in
      var gradient = [Double](repeating: 0, count: rows[i].size)
      for j in rows.indices {
        let slope = (exp(byRow[i][j]) + exp(byColumn[j][i]) - (i == j ? 2 : 0)) / (2 * tau)
        for (id, z) in (rows[j].teacher ?? []).enumerated() { gradient[id] += slope * z }
      }
      return (-0.5 * (byRow[i][i] + byColumn[i][i]), gradient)
    }
  }
}
