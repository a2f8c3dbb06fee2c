/// A loss by the book.
public struct ReferenceResult: Sendable, Equatable {
  /// The loss.
  public var loss: Double
  /// What each row has of it: their mean is the loss. Nil where rows cannot be told apart.
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
}
