internal import RefluxMemory
internal import RefluxTargets

extension LossReference {
  /// GLD over a window: Zk holds the k largest of each row, sorted; f = c Zk^T (Zk 1), c = 1 / k or
  /// 1; L = sum |f - f'| with both sorted. dL/dZk = c (r s^T + (Zk s) 1^T), r the sums of the rows,
  /// s the signs of the gaps at the slots of f.
  static func graph(
    _ rows: [ReferenceRow], _ objective: ObjectiveChoice
  ) throws(ObjectiveError) -> ReferenceResult {
    let k = objective.integer("k")
    let form = GraphForm(objective)
    var (student, teacher): ([GraphNodes], [GraphNodes]) = ([], [])
    for row in rows {
      student.append(try form.student(row, k))
      teacher.append(try form.teacher(row, k))
    }
    let scale = objective.word("reduce") == "mean" ? 1 / Double(k) : 1
    let (f, other) = (features(student, k, scale), features(teacher, k, scale).sorted(by: >))
    var (loss, signs) = (0.0, [Double](repeating: 0, count: k))
    for (place, slot) in ReferenceRow.order(f).enumerated() {
      loss += abs(f[slot] - other[place])
      signs[slot] = ReferenceRow.sign(f[slot] - other[place])
    }
    let gradient = ReferencePairs(rows, student).map { row, nodes in
      let sum = nodes.values.reduce(0, +)
      let along = zip(nodes.values, signs).reduce(0) { $0 + $1.0 * $1.1 }
      return form.back(signs.map { scale * (sum * $0 + along) }, nodes, row)
    }
    return ReferenceResult(loss: loss, gradient: gradient)
  }

  private static func features(_ rows: [GraphNodes], _ k: Int, _ scale: Double) -> [Double] {
    (0..<k).map { slot in
      rows.reduce(0) { $0 + scale * $1.values[slot] * $1.values.reduce(0, +) }
    }
  }

  /// The k largest of a row: their ids and what stands for their logits.
  private struct GraphNodes {
    var ids: [Int]
    var values: [Double]
    /// The deviation that values were divided by.
    var deviation = 1.0
  }

  /// What stands for the logits.
  private enum GraphForm {
    case raw, probability, standard

    init(_ objective: ObjectiveChoice) {
      switch objective.word("input") {
      case "probability": self = .probability
      case "standard": self = .standard
      default: self = .raw
      }
    }

    func student(_ row: ReferenceRow, _ k: Int) throws(ObjectiveError) -> GraphNodes {
      try nodes(row.logits, row.student, k, row.index, "the student")
    }

    /// Of a set: z' = log p + log sum e^z'.
    func teacher(_ row: ReferenceRow, _ k: Int) throws(ObjectiveError) -> GraphNodes {
      if let teacher = row.teacher {
        let logs = ReferenceRow.logSoftmax(teacher)
        return try nodes(teacher, logs, k, row.index, "the teacher")
      }
      let logs = (row.set?.weights ?? []).map { log($0) }
      let sum = row.set?.scalars[.logsum] ?? 0
      return try nodes(logs.map { $0 + sum }, logs, k, row.index, "the target")
    }

    private func nodes(
      _ logits: [Double], _ logs: [Double], _ k: Int, _ row: Int, _ what: String
    ) throws(ObjectiveError) -> GraphNodes {
      let finite = logits.count { $0.isFinite }
      if finite < k { throw .tooFew(finite, row: row, of: what, needed: k) }
      let ids = Array(ReferenceRow.order(logits).prefix(k))
      switch self {
      case .raw: return GraphNodes(ids: ids, values: ids.map { logits[$0] })
      case .probability: return GraphNodes(ids: ids, values: ids.map { exp(logs[$0]) })
      case .standard: return standard(ids, ids.map { logits[$0] })
      }
    }

    private func standard(_ ids: [Int], _ logits: [Double]) -> GraphNodes {
      let count = Double(ids.count)
      let mean = logits.reduce(0, +) / count
      let deviation = (logits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
      let values = logits.map { deviation == 0 ? 0 : ($0 - mean) / deviation }
      return GraphNodes(ids: ids, values: values, deviation: deviation)
    }

    /// dL/dz from the derivative by the values.
    func back(_ slopes: [Double], _ nodes: GraphNodes, _ row: ReferenceRow) -> [Double] {
      var all = [Double](repeating: 0, count: row.size)
      switch self {
      case .raw: for (id, slope) in zip(nodes.ids, slopes) { all[id] = slope }
      case .probability:
        for (id, slope) in zip(nodes.ids, slopes) { all[id] = slope }
        return row.chain(all)
      case .standard:
        if nodes.deviation == 0 { return all }
        let count = Double(slopes.count)
        let mean = slopes.reduce(0, +) / count
        let along = zip(slopes, nodes.values).reduce(0) { $0 + $1.0 * $1.1 } / count
        for (place, id) in nodes.ids.enumerated() {
          all[id] = (slopes[place] - mean - nodes.values[place] * along) / nodes.deviation
        }
      }
      return all
    }
  }
}
