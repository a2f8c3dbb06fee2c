/// A strided table over a view: element (r, c) lies at `r * rowStride + c * columnStride`.
public struct Matrix<Element: BitwiseCopyable>: Sendable {
  /// The memory that the table lies in; it may have elements that belong to no row.
  public let elements: View<Element>
  /// The number of rows; 0 for an empty table.
  public let rows: Int
  /// The number of columns; 0 for an empty table.
  public let columns: Int
  /// Elements from one row to the next; 1 in the transpose of a row-major table.
  public let rowStride: Int
  /// Elements from one column to the next; 1 in a row-major table.
  public let columnStride: Int

  /// Row-major over `elements`; `stride` elements from one row to the next (default: `columns`).
  @inlinable
  public init(_ elements: View<Element>, rows: Int, columns: Int, stride: Int? = nil) {
    self.init(
      elements, rows: rows, columns: columns, rowStride: stride ?? columns, columnStride: 1)
  }

  @inlinable
  init(
    _ elements: View<Element>, rows: Int, columns: Int, rowStride: Int, columnStride: Int
  ) {
    precondition(rows >= 0 && columns >= 0)
    precondition(
      rows == 0 || columns == 0
        || (rows - 1) * rowStride + (columns - 1) * columnStride < elements.count)
    self.elements = elements
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The same elements with rows and columns exchanged; nothing moves.
  @inlinable
  public var transposed: Matrix {
    Matrix(
      elements, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
  }

  /// Row `index` of a row-major matrix.
  @inlinable @inline(__always)
  public func row(_ index: Int) -> View<Element> {
    precondition(columnStride == 1 && index >= 0 && index < rows)
    return elements.slice(index * rowStride, columns)
  }

  /// `count` rows from `start` on.
  @inlinable
  public func rows(_ start: Int, _ count: Int) -> Matrix { part(start, count, 0, columns) }

  /// `count` columns from `start` on.
  @inlinable
  public func columns(_ start: Int, _ count: Int) -> Matrix { part(0, rows, start, count) }

  @inlinable
  func part(_ row: Int, _ rows: Int, _ column: Int, _ columns: Int) -> Matrix {
    precondition(row + rows <= self.rows && column + columns <= self.columns)
    let start = row * rowStride + column * columnStride
    let extent = (max(rows, 1) - 1) * rowStride + (max(columns, 1) - 1) * columnStride + 1
    return Matrix(
      elements.slice(start, min(extent, elements.count - start)), rows: rows, columns: columns,
      rowStride: rowStride, columnStride: columnStride)
  }
}
