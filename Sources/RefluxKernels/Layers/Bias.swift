public import RefluxMemory

/// A number per column, added to every row of a matrix.
public enum Bias {
  /// y_rj += b_j.
  public static func add(_ bias: View<Float>, to y: Matrix<Float>) {
    for row in 0..<y.rows { RefluxKernels.add(bias, to: y.row(row)) }
  }

  /// db_j = sum over rows of dy_rj is added to `biasGradient`, row by row.
  ///
  /// - Parameter dy: rows x n in the format that the matrix products take.
  public static func backward<Element: Scalar>(
    _ dy: Matrix<Element>, addingTo biasGradient: View<Float>
  ) {
    for row in 0..<dy.rows {
      if Element.self == BFloat16.self {
        backward(dy.row(row).settled(as: BFloat16.self), biasGradient)
      } else {
        RefluxKernels.add(dy.row(row).settled(as: Float.self), to: biasGradient)
      }
    }
  }

  @inline(__always)
  private static func backward(_ dy: View<BFloat16>, _ target: View<Float>) {
    var index = 0
    while index < dy.count {
      target.storeSome(dy.load(index, fill: 0) + target.load(index, fill: 0), index)
      index += 16
    }
  }
}
