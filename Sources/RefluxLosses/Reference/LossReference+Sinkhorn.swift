internal import RefluxMemory

extension LossReference {
  /// SinKD over groups: W_ij = sum |q_i - p_j|; P = e^(-W / epsilon), its rows and columns divided
  /// by their sums in turn; L = sum P W over the rows. Sets have no mass outside.
  static func sinkhorn(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) -> ReferenceResult {
    let group = objective.integer("group")
    var (parts, gradient): ([Double], [[Double]]) = ([], [])
    for start in stride(from: 0, to: rows.count, by: group) {
      let members = Array(rows[start..<start + group])
      let plan = SinkhornPlan(members, objective)
      parts += plan.rows
      gradient += plan.gradient(members).map { $0.map { $0 / Double(rows.count) } }
    }
    let loss = parts.reduce(0, +) / Double(rows.count)
    return ReferenceResult(loss: loss, rows: parts, gradient: gradient)
  }

  /// The plan of one group with the derivative of sum P W by W.
  private struct SinkhornPlan {
    private let student: [[Double]]
    private let teacher: [[Double]]
    private let cost: [[Double]]
    private var plan: [[Double]]
    /// dL/dW.
    private var slopes: [[Double]]

    init(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) {
      let epsilon = objective.number("epsilon")
      let student = rows.map { $0.student.map { exp($0) } }
      let teacher = rows.map { $0.probabilities.map(\.value) }
      let cost = student.map { q in
        teacher.map { p in zip(q, p).reduce(0) { $0 + abs($1.0 - $1.1) } }
      }
      (self.student, self.teacher, self.cost) = (student, teacher, cost)
      let kernel = cost.map { $0.map { exp(-$0 / epsilon) } }
      plan = kernel
      var steps: [(sums: [Double], after: [[Double]])] = []
      for step in 0..<2 * objective.integer("iterations") {
        let isRow = step % 2 == 0
        let sums = (isRow ? plan : Self.transposed(plan)).map { $0.reduce(0, +) }
        plan = Self.divided(plan, sums, rows: isRow)
        steps.append((sums, plan))
      }
      slopes = plan
      if objective.flag("detach") { return }
      var back = cost
      for (step, (sums, after)) in steps.enumerated().reversed() {
        back = Self.back(back, sums, after, rows: step % 2 == 0)
      }
      for i in slopes.indices {
        for j in slopes.indices { slopes[i][j] -= back[i][j] * kernel[i][j] / epsilon }
      }
    }

    private static func transposed(_ matrix: [[Double]]) -> [[Double]] {
      matrix.indices.map { j in matrix.map { $0[j] } }
    }

    private static func divided(_ matrix: [[Double]], _ sums: [Double], rows: Bool) -> [[Double]] {
      matrix.enumerated().map { i, row in
        row.enumerated().map { j, value in value / sums[rows ? i : j] }
      }
    }

    /// A <- (A - sum(A P)) / s along the axis that was divided.
    private static func back(
      _ slopes: [[Double]], _ sums: [Double], _ after: [[Double]], rows: Bool
    ) -> [[Double]] {
      let products = ReferencePairs(slopes, after).map { ReferencePairs($0, $1).map { $0 * $1 } }
      let means = (rows ? products : transposed(products)).map { $0.reduce(0, +) }
      let centred = slopes.enumerated().map { i, row in
        row.enumerated().map { j, value in value - means[rows ? i : j] }
      }
      return divided(centred, sums, rows: rows)
    }

    /// sum_j P_ij W_ij of each row.
    var rows: [Double] {
      ReferencePairs(plan, cost).map { zip($0, $1).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// By each logit: g_i = sum_j dL/dW_ij sign(q_i - p_j), then the chain rule.
    func gradient(_ rows: [ReferenceRow]) -> [[Double]] {
      rows.indices.map { i in
        let g = student[i].indices.map { id in
          teacher.indices.reduce(0) { sum, j in
            sum + slopes[i][j] * ReferenceRow.sign(student[i][id] - teacher[j][id])
          }
        }
        return rows[i].chain(g)
      }
    }
  }
}
