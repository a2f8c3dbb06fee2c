internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel

/// Room to orthogonalise a matrix of one size, and the products of an iteration by slices of rows.
struct MuonMatrix<Element: Scalar> {
  /// The momentum, then X before and after each iteration.
  let values: Matrix<Float>
  /// X as an operand.
  let operand: Matrix<Element>
  /// G, whose side is the matrix's shorter one, as an operand.
  let gram: Matrix<Element>
  /// G^2.
  let square: Matrix<Float>
  /// b G + c G^2; the memory of `square` when `Element` is Float.
  let factor: Matrix<Element>
  /// One number: the sum of squares of the momentum.
  let squares: View<Double>
  private let isTall: Bool

  init(_ place: ParameterTable.HiddenMatrix, arena: Arena) {
    isTall = place.rows > place.columns
    values = arena.takeMatrix(place.rows, place.columns)
    operand = arena.takeMatrix(place.rows, place.columns)
    let side = min(place.rows, place.columns)
    gram = arena.takeMatrix(side, side)
    square = arena.takeMatrix(side, side)
    // Rows of the factor are made where nothing else is read any more.
    factor =
      Element.self == Float.self
      ? Matrix(square.elements.settled(as: Element.self), rows: side, columns: side)
      : arena.takeMatrix(side, side)
    squares = arena.take(1)
  }

  /// Rows of G.
  func fillGram(_ start: Int, _ count: Int, _ products: Products) {
    let target = gram.rows(start, count)
    if isTall {
      products.multiply(operand.columns(start, count).transposed, operand, into: target)
    } else {
      products.multiply(operand.rows(start, count), operand.transposed, into: target)
    }
  }

  /// Rows of the factor, once G is whole.
  func fillFactor(_ start: Int, _ count: Int, _ muon: Muon, _ products: Products) {
    let target = square.rows(start, count)
    products.multiply(gram.rows(start, count), gram, into: target)
    muon.polynomial(gram.rows(start, count), target, into: factor.rows(start, count))
  }

  /// Adds to rows of a X those of (b G + c G^2) X, or of X (b G + c G^2), once the factor is whole.
  func multiply(_ start: Int, _ count: Int, _ products: Products) {
    let target = values.rows(start, count)
    if isTall {
      products.multiply(operand.rows(start, count), factor, into: target, accumulate: true)
    } else {
      products.multiply(factor.rows(start, count), operand, into: target, accumulate: true)
    }
  }
}
