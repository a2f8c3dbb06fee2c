public import RefluxMemory

/// The Gaussian error linear unit, column by column: y = x P(Z < x) for a standard normal Z.
public enum GELU: String, Equatable, Sendable {
  /// By the error function.
  case exact
  /// By x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3): GPT-2's form, written with tanh.
  case tanh

  /// - Parameters:
  ///   - x: rows x f.
  ///   - y: rows x f in the format of the next matrix product.
  public func forward<Element: Scalar>(_ x: Matrix<Float>, into y: Matrix<Element>) {
    for row in 0..<x.rows {
      if Element.self == BFloat16.self {
        forward(x.row(row), y.row(row).settled(as: BFloat16.self))
      } else {
        forward(x.row(row), y.row(row).settled(as: Float.self))
      }
    }
  }

  /// dx = dy (P + x P') with P the share of x that passes.
  ///
  /// - Parameters:
  ///   - gradient: dy, rows x f.
  ///   - dx: rows x f in the format of the next matrix product.
  public func backward<Element: Scalar>(
    _ x: Matrix<Float>, gradient dy: Matrix<Float>, into dx: Matrix<Element>
  ) {
    for row in 0..<x.rows {
      if Element.self == BFloat16.self {
        backward(x.row(row), dy.row(row), dx.row(row).settled(as: BFloat16.self))
      } else {
        backward(x.row(row), dy.row(row), dx.row(row).settled(as: Float.self))
      }
    }
  }

  @inline(__always)
  private func forward<Element: Scalar>(_ x: View<Float>, _ y: View<Element>) {
    var index = 0
    while index < x.count {
      let value = x.load(index, fill: 0)
      y.storeSome(value * (self == .exact ? normalShare(value) : tanhShare(value)), index)
      index += 16
    }
  }

  @inline(__always)
  private func backward<Element: Scalar>(
    _ x: View<Float>, _ dy: View<Float>, _ dx: View<Element>
  ) {
    var index = 0
    while index < x.count {
      let value = x.load(index, fill: 0)
      let slope = self == .exact ? exactSlope(value) : tanhSlope(value, tanhShare(value))
      dx.storeSome(dy.load(index, fill: 0) * slope, index)
      index += 16
    }
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public func reference(_ x: Double) -> Double {
    switch self {
    case .exact: x * erfc(-x / 2.0.squareRoot()) / 2
    case .tanh:
      // (1 + tanh u) / 2 = 1 / (1 + e^(-2u)).
      x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }
}

/// P + x p with p the normal density.
@inline(__always)
private func exactSlope(_ x: Lanes) -> Lanes {
  multiplyAdd(x * 0.398_942_280, exp(x * x * -0.5), normalShare(x))
}

/// s + x s (1 - s) 2u' with s = 1 / (1 + e^(-2u)).
@inline(__always)
func tanhSlope(_ x: Lanes, _ s: Lanes) -> Lanes {
  let slope = multiplyAdd(x * x, Lanes(repeating: 0.214_064_90), Lanes(repeating: 1.595_769_12))
  return multiplyAdd(x * slope, s * (1 - s), s)
}

/// s(2u) = 1 / (1 + e^(-2u)): equal to (1 + tanh u) / 2.
@inline(__always)
func tanhShare(_ x: Lanes) -> Lanes {
  let cubic = Lanes(repeating: 0.071_354_816)  // 2 sqrt(2 / pi) 0.044715
  return sigmoid(x * multiplyAdd(x * x, cubic, Lanes(repeating: 1.595_769_12)))
}

/// P(Z < x) within 1e-6 of itself for x above -12; below that within 1e-32 of 0.
///
/// P(Z < -a) = e^(p(t) - z^2) t / 2 with z = a / sqrt(2), t = 1 / (1 + z / 2), for a >= 0: the
/// polynomial p is a fit to ln(erfc(z) e^(z^2) / t) at Chebyshev points of t in 0.17...1.
@inline(__always)
private func normalShare(_ x: Lanes) -> Lanes {
  let a = x.replacing(with: 0 - x, where: x .< 0)
  let z = a * 0.707_106_78
  let t = 1 / multiplyAdd(z, Lanes(repeating: 0.5), Lanes(repeating: 1))
  var p = Lanes(repeating: 0.142_924_318)
  p = multiplyAdd(p, t, Lanes(repeating: -0.669_864_063))
  p = multiplyAdd(p, t, Lanes(repeating: 1.130_835_62))
  p = multiplyAdd(p, t, Lanes(repeating: -0.661_640_011))
  p = multiplyAdd(p, t, Lanes(repeating: -0.109_034_637))
  p = multiplyAdd(p, t, Lanes(repeating: 0.016_616_924_5))
  p = multiplyAdd(p, t, Lanes(repeating: 0.029_355_675_6))
  p = multiplyAdd(p, t, Lanes(repeating: 0.387_744_313))
  p = multiplyAdd(p, t, Lanes(repeating: 0.998_503_499))
  p = multiplyAdd(p, t, Lanes(repeating: -1.265_441_59))
  let below = exp(multiplyAdd(z, 0 - z, p)) * t * 0.5
  return below.replacing(with: 1 - below, where: x .> 0)
}
