internal import RefluxMemory

extension LossReference {
  /// DKD: T^2 (alpha TCKD + beta NCKD).
  ///
  /// TCKD = KL([p_y, 1 - p_y] || [q_y, 1 - q_y]); NCKD = sum u log(u / q^) over the other ids, with
  /// u = p / (1 - p_y) and q^ the student without the label; a set's rest is one more of them. From
  /// draws u = t / (1 - p_y) with the recorded p_y, whose sum s is not 1, so that the gradient
  /// beta (s q^ - u) has the mean of all draws.
  static func decoupled(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let others = OtherIDs(row, cap: objective.number("cap"))
    let (label, temperature) = (others.label, row.temperature)
    let alpha = objective.number("alpha")
    let beta = objective.word("beta") == "kd" ? 1 - label.value : objective.number("beta")
    let (student, outside) = (others.logs[row.y], others.outside)
    let target =
      ReferenceShare.entropyTerm(label.value, label.log, student)
      + ReferenceShare.entropyTerm(others.rest.value, others.rest.log, outside)
    let (gap, sum) = (exp(student) - label.value, others.sum)
    let gradient = row.logits.indices.map { id in
      if id == row.y { return temperature * alpha * gap }
      let q = exp(others.logs[id] - outside)
      return temperature * (beta * (sum * q - others.target(of: id)) - alpha * gap * q)
    }
    return (temperature * temperature * (alpha * target + beta * others.divergence), gradient)
  }

  /// All ids but the label's, on both sides.
  private struct OtherIDs {
    /// log q of every id.
    let logs: [Double]
    /// log(1 - q_y), from the other ids.
    let outside: Double
    let label: ReferenceShare
    /// 1 - p_y.
    let rest: ReferenceShare
    /// Cells of the other ids; nil for the label and for ids that draws did not meet.
    private let cells: [Int?]
    /// u of each cell.
    private let shares: [Double]
    /// log q^ of each cell.
    private let student: [Double]

    init(_ row: ReferenceRow, cap: Double) {
      logs = row.student
      let ids = row.logits.indices.filter { $0 != row.y }
      let logs = logs
      outside = ReferenceRow.logSum(ids.map { logs[$0] })
      let p = row.labelShare
      label = row.teacher == nil ? ReferenceShare(p) : row.probabilities[row.y]
      let known = row.top().filter { $0.id != row.y }
      rest =
        row.teacher == nil
        ? ReferenceShare(max(0, 1 - p))
        : ReferenceShare(log: ReferenceRow.logSum(known.map(\.p.log)))
      var cells = [Int?](repeating: nil, count: row.size)
      for (cell, (id, _)) in known.enumerated() { cells[id] = cell }
      var masses = known.map(\.p.value)
      if row.set != nil, !row.isDrawn, known.count < ids.count {
        masses.append(max(0, rest.value - masses.reduce(0, +)))
        for id in ids where cells[id] == nil { cells[id] = known.count }
      }
      let factor = rest.value == 0 ? 0 : min(1 / rest.value, cap == 0 ? .infinity : cap)
      self.cells = cells
      shares = masses.map { $0 * factor }
      let outside = outside
      var members = [[Double]](repeating: [], count: masses.count)
      for id in ids {
        if let cell = cells[id] { members[cell].append(logs[id]) }
      }
      student = members.map { ReferenceRow.logSum($0) - outside }
    }

    /// s = sum u.
    var sum: Double { shares.reduce(0, +) }

    /// sum u log(u / q^).
    var divergence: Double {
      zip(shares, student).reduce(0) {
        $0 + ReferenceShare.entropyTerm($1.0, log($1.0), $1.1)
      }
    }

    /// u of an id: its share of its cell, as the student divides it.
    func target(of id: Int) -> Double {
      guard let cell = cells[id], logs[id] > -.infinity else { return 0 }
      return shares[cell] * exp(logs[id] - outside - student[cell])
    }
  }
}
