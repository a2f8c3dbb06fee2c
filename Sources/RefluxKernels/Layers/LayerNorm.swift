public import RefluxMemory

/// Normalisation of the rows of a matrix to mean 0 and deviation 1, with a gain and a bias per
/// column.
public enum LayerNorm {
  /// y_j = g_j (x_j - m) r + b_j with m = mean(x), r = (mean((x - m)^2) + epsilon)^(-1/2).
  ///
  /// - Parameters:
  ///   - x: rows x d.
  ///   - gain: g, d floats.
  ///   - bias: b, d floats.
  ///   - y: rows x d in the format of the next matrix product.
  ///   - scales: r of each row, kept for `backward`, which computes the means again.
  public static func forward<Element: Scalar>(
    _ x: Matrix<Float>, gain: View<Float>, bias: View<Float>, epsilon: Float,
    into y: Matrix<Element>, scales: View<Float>
  ) {
    for row in 0..<x.rows {
      let input = x.row(row)
      let mean = input.mean()
      let scale = 1 / (input.variance(around: mean) + epsilon).squareRoot()
      scales[row] = scale
      if Element.self == BFloat16.self {
        apply(input, gain, bias, mean, scale, y.row(row).settled(as: BFloat16.self))
      } else {
        apply(input, gain, bias, mean, scale, y.row(row).settled(as: Float.self))
      }
    }
  }

  @inline(__always)
  private static func apply<Element: Scalar>(
    _ x: View<Float>, _ gain: View<Float>, _ bias: View<Float>, _ mean: Float, _ scale: Float,
    _ y: View<Element>
  ) {
    let (mean, scale) = (Lanes(repeating: mean), Lanes(repeating: scale))
    var index = 0
    while index < x.count {
      let unit = (x.load(index, fill: 0) - mean) * scale
      let value = multiplyAdd(unit, gain.load(index, fill: 0), bias.load(index, fill: 0))
      y.storeSome(value, index)
      index += 16
    }
  }

  /// With u = (x - m) r and h = g dy: dL/dx_j = r (h_j - mean(h) - u_j mean(h u)) is added to `dx`;
  /// dL/dg_j = sum over rows of dy_j u_j to `gainGradient`, dL/db_j = sum of dy_j to
  /// `biasGradient`.
  public static func backward(
    _ x: Matrix<Float>, gain: View<Float>, scales: View<Float>, gradient dy: Matrix<Float>,
    addingTo dx: Matrix<Float>, gainGradient: View<Float>, biasGradient: View<Float>
  ) {
    for row in 0..<x.rows {
      add(dy.row(row), to: biasGradient)
      backward(x.row(row), gain, scales[row], dy.row(row), dx.row(row), gainGradient)
    }
  }

  @inline(__always)
  private static func backward(
    _ x: View<Float>, _ gain: View<Float>, _ r: Float, _ dy: View<Float>, _ dx: View<Float>,
    _ gainGradient: View<Float>
  ) {
    let (mean, scale) = (Lanes(repeating: x.mean()), Lanes(repeating: r))
    var (direct, inner) = (Lanes(), Lanes())
    var index = 0
    while index < x.count {
      let (xi, dyi) = (x.load(index, fill: 0), dy.load(index, fill: 0))
      let unit = (xi - mean) * scale
      let h = dyi * gain.load(index, fill: 0)
      direct += h
      inner = multiplyAdd(h, unit, inner)
      gainGradient.storeSome(
        multiplyAdd(dyi, unit, gainGradient.load(index, fill: 0)), index)
      index += 16
    }
    let meanDirect = Lanes(repeating: sum(direct) / Float(x.count))
    let meanInner = Lanes(repeating: sum(inner) / Float(x.count))
    index = 0
    while index < x.count {
      let unit = (x.load(index, fill: 0) - mean) * scale
      let h = dy.load(index, fill: 0) * gain.load(index, fill: 0)
      let slope = h - meanDirect - unit * meanInner
      dx.storeSome(multiplyAdd(slope, scale, dx.load(index, fill: 0)), index)
      index += 16
    }
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public static func reference(
    _ x: [Float], gain: [Float], bias: [Float], epsilon: Float
  ) -> [Double] {
    let values = x.map(Double.init)
    let mean = values.reduce(0, +) / Double(x.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let scale = 1 / (variance + Double(epsilon)).squareRoot()
    return x.indices.map { (values[$0] - mean) * scale * Double(gain[$0]) + Double(bias[$0]) }
  }
}

extension View where Element == Float {
  /// The mean of the elements, at least one.
  @inline(__always)
  fileprivate func mean() -> Float {
    var total = Lanes()
    var index = 0
    while index < count {
      total += load(index, fill: 0)
      index += 16
    }
    return sum(total) / Float(count)
  }

  /// The mean square of the distances from `mean`: in a second sweep, so that nothing cancels.
  @inline(__always)
  fileprivate func variance(around mean: Float) -> Float {
    let shift = Lanes(repeating: mean)
    var total = Lanes()
    var index = 0
    while index < count {
      let distance = load(index, fill: mean) - shift
      total = multiplyAdd(distance, distance, total)
      index += 16
    }
    return sum(total) / Float(count)
  }
}
