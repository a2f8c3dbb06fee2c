internal import RefluxMemory

extension LossReference {
  /// DIST: inter (1 - mean over rows of Pearson(q, p)) + intra (1 - mean over columns of a group).
  static func correlation(_ rows: [ReferenceRow], _ objective: ObjectiveChoice) -> ReferenceResult {
    let (inter, intra) = (objective.number("inter"), objective.number("intra"))
    let student = rows.map { $0.student.map { exp($0) } }
    let teacher = rows.map { $0.probabilities.map(\.value) }
    let count = Double(rows.count)
    let parts = ReferencePairs(student, teacher).map { pearson($0, $1) }
    var loss = inter * parts.reduce(0) { $0 + 1 - $1.value } / count
    var slopes = parts.map { $0.slopes.map { -inter * $0 / count } }
    if intra > 0 {
      loss += intra * columns(student, teacher, objective.integer("group"), intra, into: &slopes)
    }
    return ReferenceResult(
      loss: loss, rows: intra > 0 ? nil : parts.map { inter * (1 - $0.value) },
      gradient: ReferencePairs(rows, slopes).map { $0.chain($1) })
  }

  /// 1 - the mean correlation of the columns of groups; adds its derivative, times `weight`.
  private static func columns(
    _ student: [[Double]], _ teacher: [[Double]], _ group: Int, _ weight: Double,
    into slopes: inout [[Double]]
  ) -> Double {
    let width = student.first?.count ?? 0
    let count = Double(student.count / group * width)
    var sum = 0.0
    for start in stride(from: 0, to: student.count, by: group) {
      let rows = start..<start + group
      for column in 0..<width {
        let result = pearson(rows.map { student[$0][column] }, rows.map { teacher[$0][column] })
        sum += 1 - result.value
        for (row, slope) in zip(rows, result.slopes) {
          slopes[row][column] -= weight * slope / count
        }
      }
    }
    return sum / count
  }

  /// a.b / (|a| |b| + 1e-8) of both less their means, and its derivative by the first.
  private static func pearson(
    _ one: [Double], _ other: [Double]
  ) -> (value: Double, slopes: [Double]) {
    func centred(_ values: [Double]) -> [Double] {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.map { $0 - mean }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (a, b) = (centred(one), centred(other))
    let (norm, length) = (product(a, a).squareRoot(), product(b, b).squareRoot())
    let divisor = norm * length + 1e-8
    let value = product(a, b) / divisor
    let along = norm == 0 ? 0 : value * length / norm
    return (value, ReferencePairs(a, b).map { ($1 - along * $0) / divisor })
  }
}
