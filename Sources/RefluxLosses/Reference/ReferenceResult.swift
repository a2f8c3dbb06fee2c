/// A loss by the book.
public struct ReferenceResult: Sendable, Equatable {
  /// The loss.
  public var loss: Double
  /// What each row has of it, whose mean by the weights of the rows is the loss; 0 where one does
  /// not count. Nil where rows cannot be told apart.
  public var rows: [Double]?
  /// dL/dz, rows x V.
  public var gradient: [[Double]]

  init(loss: Double, rows: [Double]? = nil, gradient: [[Double]]) {
    (self.loss, self.rows, self.gradient) = (loss, rows, gradient)
  }

  /// The mean of rows that stand for themselves.
  init(mean parts: [LossReference.RowResult]) {
    let count = Double(parts.count)
    rows = parts.map(\.loss)
    loss = parts.reduce(0) { $0 + $1.loss } / count
    gradient = parts.map { $0.gradient.map { $0 / count } }
  }

  /// The mean of the same rows by weights, which do not sum to 0.
  func weighted(by weights: [Double]) -> ReferenceResult {
    let (sum, count) = (weights.reduce(0, +), Double(weights.count))
    var (loss, gradient) = (0.0, gradient)
    for (row, weight) in weights.enumerated() {
      loss += weight * (rows?[row] ?? 0) / sum
      for id in gradient[row].indices { gradient[row][id] *= weight * count / sum }
    }
    return ReferenceResult(loss: loss, rows: rows, gradient: gradient)
  }

  /// Loss of the same rows with gradients times a factor.
  func scaled(_ factor: Double) -> ReferenceResult {
    ReferenceResult(loss: loss, rows: rows, gradient: gradient.map { $0.map { factor * $0 } })
  }

  /// The same among rows that do not count: they have no loss and no gradient.
  func placed(at places: [Int], of count: Int) -> ReferenceResult {
    if places.count == count { return self }
    let nothing = [Double](repeating: 0, count: gradient.first?.count ?? 0)
    var (all, losses) = (
      Array(repeating: nothing, count: count), [Double](repeating: 0, count: count)
    )
    for (index, place) in places.enumerated() {
      all[place] = gradient[index]
      losses[place] = rows?[index] ?? 0
    }
    return ReferenceResult(loss: loss, rows: rows == nil ? nil : losses, gradient: all)
  }
}
