internal import RefluxMemory
internal import RefluxTargets

/// DIST with columns: inter (1 - r) of each row and intra (1 - r) of each column over the group, r
/// Pearson's a.b / (|a| |b| + 1e-8) of both less their means, times the rows of the group.
struct Correlations {
  private let group: GroupRows
  private let scratch: LossScratch

  init(_ group: GroupRows, _ scratch: LossScratch) { (self.group, self.scratch) = (group, scratch) }

  func run(_ inter: Double, _ intra: Double) -> Double {
    let rows = 0..<group.count
    for row in rows { _ = group.softmax(row, scratch) }
    let q = group.gradients
    let p = rows.map { group.teacher($0, scratch) }
    let size = q[0].count
    var loss = 0.0
    // dL/dq, of which the columns' part is written over p when a column is done.
    let alongs = rows.map { row in Pearson(size) { (q[row][$0], p[row][$0]) } }
    loss += inter * alongs.reduce(0) { $0 + 1 - $1.value }
    let share = intra * Double(group.count) / Double(size)
    for id in 0..<size {
      let column = Pearson(group.count) { (q[$0][id], p[$0][id]) }
      loss += share * (1 - column.value)
      for row in rows {
        let (own, other) = (q[row][id], p[row][id])
        let slope = inter * alongs[row].slope(own, other) + share * column.slope(own, other)
        p[row][id] = Float(-slope)
      }
    }
    for row in rows { q[row].chain(p[row], temperature: group.temperature) }
    return loss
  }
}

/// r and its derivative by a.
private struct Pearson {
  let value: Double
  private let means: (Double, Double)
  private let divisor: Double
  private let along: Double

  init(_ count: Int, _ pair: (Int) -> (Float, Float)) {
    var (one, other) = (0.0, 0.0)
    for index in 0..<count {
      one += Double(pair(index).0)
      other += Double(pair(index).1)
    }
    means = (one / Double(count), other / Double(count))
    var (product, own, length) = (0.0, 0.0, 0.0)
    for index in 0..<count {
      let (a, b) = (Double(pair(index).0) - means.0, Double(pair(index).1) - means.1)
      product += a * b
      own += a * a
      length += b * b
    }
    divisor = (own * length).squareRoot() + 1e-8
    value = product / divisor
    along = own == 0 ? 0 : value * (length / own).squareRoot()
  }

  func slope(_ a: Float, _ b: Float) -> Double {
    (Double(b) - means.1 - along * (Double(a) - means.0)) / divisor
  }
}
