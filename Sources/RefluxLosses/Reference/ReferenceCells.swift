internal import RefluxMemory

/// A row's ids in cells: each id for itself, or the ids outside a set together.
struct ReferenceCells {
  /// The cell of each id of the vocabulary.
  let cells: [Int]
  /// The teacher's probability of each cell.
  let shares: [ReferenceShare]

  /// A cell for each id.
  init(_ shares: [ReferenceShare]) { (cells, self.shares) = (Array(shares.indices), shares) }

  /// A cell for each id of a set, and one for all others.
  init(_ set: ReferenceSet, size: Int, rest: Double? = nil) {
    var cells = [Int](repeating: set.ids.count, count: size)
    for (cell, id) in set.ids.enumerated() { cells[id] = cell }
    self.cells = cells
    let others = set.ids.count < size ? [ReferenceShare(rest ?? set.rest)] : []
    shares = set.weights.map { ReferenceShare($0) } + others
  }

  /// The student's probability of each cell, as a logarithm; never by subtraction from 1.
  func student(_ logs: [Double]) -> [ReferenceShare] {
    var members = [[Double]](repeating: [], count: shares.count)
    for (cell, log) in zip(cells, logs) { members[cell].append(log) }
    return members.map { ReferenceShare(log: ReferenceRow.logSum($0)) }
  }

  /// D and dD/dz: with v = u f_q for the student's probability u of a cell, an id of the cell has
  /// q_j / u (v - u sum v) / T.
  func loss(
    _ divergence: ReferenceDivergence, of row: ReferenceRow
  ) -> LossReference.RowResult {
    let logs = row.student
    let student = student(logs)
    let terms = ReferencePairs(shares, student).map { divergence.term($0, $1) }
    let mean = terms.reduce(0) { $0 + $1.slope }
    let gradient = ReferencePairs(cells, logs).map { cell, log in
      let u = student[cell]
      let share = log == -.infinity ? 0 : exp(log - u.log)
      return share * (terms[cell].slope - u.value * mean) / row.temperature
    }
    return (terms.reduce(0) { $0 + $1.loss }, gradient)
  }
}
