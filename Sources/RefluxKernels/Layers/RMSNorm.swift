public import RefluxMemory

/// Root-mean-square normalisation of the rows of a matrix, with a gain per column.
public enum RMSNorm {
  /// y_j = (o + g_j) x_j r with r = (mean(x^2) + epsilon)^(-1/2).
  ///
  /// - Parameters:
  ///   - x: rows x d.
  ///   - gain: g, d floats.
  ///   - offset: o: 1 where gains are stored as what they differ from 1 by.
  ///   - y: rows x d in the format of the next matrix product.
  ///   - scales: r of each row, kept for `backward`.
  public static func forward<Element: Scalar>(
    _ x: Matrix<Float>, gain: View<Float>, offset: Float = 0, epsilon: Float,
    into y: Matrix<Element>, scales: View<Float>
  ) {
    for row in 0..<x.rows {
      let input = x.row(row)
      let scale = 1 / (input.dot(input) / Float(x.columns) + epsilon).squareRoot()
      scales[row] = scale
      if Element.self == BFloat16.self {
        apply(input, gain, offset, scale, y.row(row).settled(as: BFloat16.self))
      } else {
        apply(input, gain, offset, scale, y.row(row).settled(as: Float.self))
      }
    }
  }

  @inline(__always)
  private static func apply<Element: Scalar>(
    _ x: View<Float>, _ gain: View<Float>, _ offset: Float, _ scale: Float,
    _ y: View<Element>
  ) {
    let scale = Lanes(repeating: scale)
    var index = 0
    while index < x.count {
      y.storeSome(x.load(index, fill: 0) * scale * (gain.load(index, fill: 0) + offset), index)
      index += 16
    }
  }

  /// With h = (o + g) dy: dL/dx_j = r (h_j - x_j r^2 mean_k(h_k x_k)) is added to `dx`;
  /// dL/dg_j = sum over rows of dy_j x_j r is added to `gainGradient`.
  public static func backward(
    _ x: Matrix<Float>, gain: View<Float>, offset: Float = 0, scales: View<Float>,
    gradient dy: Matrix<Float>,
    addingTo dx: Matrix<Float>, gainGradient: View<Float>
  ) {
    for row in 0..<x.rows {
      backward(
        x.row(row), gain, offset, scales[row], dy.row(row), dx.row(row), gainGradient, adds: true)
    }
  }

  /// The same, with dL/dx in place of dL/dy.
  public static func backward(
    _ x: Matrix<Float>, gain: View<Float>, offset: Float = 0, scales: View<Float>,
    replacing dy: Matrix<Float>, gainGradient: View<Float>
  ) {
    for row in 0..<x.rows {
      backward(
        x.row(row), gain, offset, scales[row], dy.row(row), dy.row(row), gainGradient, adds: false)
    }
  }

  @inline(__always)
  private static func backward(
    _ x: View<Float>, _ gain: View<Float>, _ offset: Float, _ r: Float, _ dy: View<Float>,
    _ dx: View<Float>, _ gainGradient: View<Float>, adds: Bool
  ) {
    let scale = Lanes(repeating: r)
    var inner = Lanes()
    var index = 0
    while index < x.count {
      let (xi, dyi) = (x.load(index, fill: 0), dy.load(index, fill: 0))
      let product = dyi * xi
      inner = multiplyAdd(product, gain.load(index, fill: 0) + offset, inner)
      gainGradient.storeSome(
        multiplyAdd(product, scale, gainGradient.load(index, fill: 0)), index)
      index += 16
    }
    let mean = Lanes(repeating: -sum(inner) * r * r / Float(x.count))
    index = 0
    while index < x.count {
      let direct = (gain.load(index, fill: 0) + offset) * dy.load(index, fill: 0)
      let total = multiplyAdd(x.load(index, fill: 0), mean, direct)
      let start = adds ? dx.load(index, fill: 0) : Lanes()
      dx.storeSome(multiplyAdd(total, scale, start), index)
      index += 16
    }
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public static func reference(_ x: [Float], gain: [Float], epsilon: Float) -> [Double] {
    let mean = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(x.count)
    let scale = 1 / (mean + Double(epsilon)).squareRoot()
    return zip(x, gain).map { Double($0) * scale * Double($1) }
  }
}
