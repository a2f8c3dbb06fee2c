public import RefluxMemory

/// Muon (Jordan et al., 2024): momentum whose matrices are made nearly orthogonal, over any share
/// of their rows.
///
/// m <- mu m + (1 - mu) c g;  u = mu m + (1 - mu) c g (Nesterov);  X = u / max(|u|, epsilon);
/// five times X <- a X + b (X X^T) X + c (X X^T)^2 X, which brings all singular values to about 1;
/// w <- w - rate decay w - rate s sqrt(max(rows, columns)) X, with a scale s of 0.2.
///
/// The last factor gives a step the size that AdamW's typically have, so that one learning rate and
/// one decay serve both (Liu et al., "Muon is Scalable for LLM Training", 2025).
public struct Muon: Sendable, Equatable {
  /// Share mu of the momentum kept at each step, in 0..<1.
  public var momentum: Float
  /// Iterations of the polynomial.
  public var iterations: Int
  /// The least norm that a matrix is divided by.
  public var epsilon: Double
  /// What a step is multiplied by, s.
  public var scale: Float

  /// Values of ``momentum``.
  public static let momentumRange: Range<Float> = 0..<1
  /// Values of ``iterations``.
  public static let iterationRange = 1...100

  /// The polynomial: steep at 0 and within 0.7...1.2 over 0...1 when iterated.
  static let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)

  /// Takes the published values; none is checked.
  public init(
    momentum: Float = 0.95, iterations: Int = 5, epsilon: Double = 1e-7, scale: Float = 0.2
  ) {
    self.momentum = momentum
    self.iterations = iterations
    self.epsilon = epsilon
    self.scale = scale
  }

  /// Renews m and writes u.
  ///
  /// - Parameters:
  ///   - clip: c, the factor of gradient clipping (1: none).
  /// - Returns: the sum of the squares of u, row by row.
  public func blend(
    gradient: Matrix<Float>, m: Matrix<Float>, into u: Matrix<Float>, clip: Float
  ) -> Double {
    var total = 0.0
    for row in 0..<u.rows {
      blend(gradient.row(row), m.row(row), u.row(row), clip)
      total += sumOfSquares(u.row(row))
    }
    return total
  }

  @inline(__always)
  private func blend(_ gradient: View<Float>, _ m: View<Float>, _ u: View<Float>, _ clip: Float) {
    let (kept, new) = (Lanes(repeating: momentum), Lanes(repeating: (1 - momentum) * clip))
    var index = 0
    while index < u.count {
      let share = gradient.load(index, fill: 0) * new
      let first = multiplyAdd(m.load(index, fill: 0), kept, share)
      m.storeSome(first, index)
      u.storeSome(multiplyAdd(first, kept, share), index)
      index += 16
    }
  }

  /// What u is multiplied by to have a norm of at most 1.
  public func factor(sumOfSquares: Double) -> Float {
    Float(1 / max(sumOfSquares.squareRoot(), epsilon))
  }

  /// x <- X in the format that the products take, and values <- a x: what an iteration starts with.
  ///
  /// Both come from the rounded X: each iteration brings the singular values of what it is given
  /// closer together, but would magnify a difference between the two.
  public func open<Element: Scalar>(_ values: View<Float>, into x: View<Element>) {
    if Element.self == BFloat16.self {
      openLanes(values, x.settled(as: BFloat16.self))
    } else {
      openLanes(values, x.settled(as: Float.self))
    }
  }

  @inline(__always)
  private func openLanes<Element: Scalar>(_ values: View<Float>, _ x: View<Element>) {
    let a = Lanes(repeating: Self.a)
    var index = 0
    while index < values.count {
      x.storeSome(values.load(index, fill: 0), index)
      values.storeSome(x.load(index, fill: 0) * a, index)
      index += 16
    }
  }

  /// p <- b G + c G^2 for some rows of G = X X^T: what X is multiplied by and added to a X, which
  /// stays apart for the sake of number formats with few digits.
  ///
  /// - Parameters:
  ///   - gram: G as the products take it: b G and c G^2 must come from the same numbers, as they
  ///     all but cancel near the end.
  ///   - square: the same rows of G^2.
  ///   - p: may be the memory of `square`.
  public func polynomial<Element: Scalar>(
    _ gram: Matrix<Element>, _ square: Matrix<Float>, into p: Matrix<Element>
  ) {
    for row in 0..<gram.rows {
      let (g, s, p) = (gram.row(row), square.row(row), p.row(row))
      if Element.self == BFloat16.self {
        polynomial(g.settled(as: BFloat16.self), s, p.settled(as: BFloat16.self))
      } else {
        polynomial(g.settled(as: Float.self), s, p.settled(as: Float.self))
      }
    }
  }

  @inline(__always)
  private func polynomial<Element: Scalar>(
    _ gram: View<Element>, _ square: View<Float>, _ p: View<Element>
  ) {
    let (b, c) = (Lanes(repeating: Self.b), Lanes(repeating: Self.c))
    var index = 0
    while index < gram.count {
      p.storeSome(multiplyAdd(square.load(index, fill: 0), c, gram.load(index, fill: 0) * b), index)
      index += 16
    }
  }

  /// w <- (1 - rate decay) w - rate s sqrt(max(rows, columns)) x, for some rows of a matrix.
  ///
  /// - Parameter largest: max(rows, columns) of the whole matrix.
  public func apply(
    _ x: Matrix<Float>, to weights: Matrix<Float>, largest: Int, rate: Float, decay: Float
  ) {
    let keep = Lanes(repeating: 1 - rate * decay)
    let step = Lanes(repeating: -rate * scale * Float(largest).squareRoot())
    for row in 0..<x.rows {
      let (x, w) = (x.row(row), weights.row(row))
      var index = 0
      while index < x.count {
        w.storeSome(
          multiplyAdd(x.load(index, fill: 0), step, w.load(index, fill: 0) * keep), index)
        index += 16
      }
    }
  }
}
