internal import RefluxKernels
public import RefluxLosses
public import RefluxMemory

/// What rows learn from where a table says how alike ids are: z'_j = cos(w_y, w_j) / tau for every
/// id j, y the row's label, as if they were a teacher's logits. One for each worker.
///
/// Memory: 4 (V + d) bytes for each of its rows.
public struct SimilarityRows {
  private let table: SimilarityTable
  private let scale: Float
  private let labels: Matrix<Float>
  private let logits: Matrix<Float>
  private let products = Products()

  /// - Parameters:
  ///   - choice: the objective, which says tau.
  ///   - rows: the most rows of a call.
  public init(_ table: SimilarityTable, _ choice: ObjectiveChoice, rows: Int, arena: Arena) {
    self.table = table
    scale = Float(1 / choice.number("tau"))
    labels = arena.takeMatrix(rows, table.units.columns)
    logits = arena.takeMatrix(rows, table.units.rows)
  }

  /// The rows of `count` labels, which may be overwritten.
  ///
  /// - Parameter label: of a row, counted from 0.
  /// - Complexity: one product of 2 V d operations a row.
  public func logits(_ count: Int, label: (_ row: Int) -> Int) -> Matrix<Float> {
    let (labels, logits) = (labels.rows(0, count), logits.rows(0, count))
    for row in 0..<count { labels.row(row).copy(from: table.units.row(label(row))) }
    products.multiply(labels, table.units.transposed, into: logits)
    logits.elements.multiply(by: scale)
    return logits
  }
}
