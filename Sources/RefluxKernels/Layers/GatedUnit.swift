public import RefluxMemory

/// The gated unit of the feed-forward layer: y = act(gate) * up with act(z) = z s(z).
public enum GatedUnit: Equatable, Sendable {
  /// s(z) = 1 / (1 + e^-z): SwiGLU.
  case silu
  /// s of ``GELU/tanh``: GeGLU.
  case gelu

  /// - Parameters:
  ///   - gateUp: rows x 2f: the gate's f columns, then the f columns of up.
  ///   - y: rows x f in the format of the next matrix product.
  public func forward<Element: Scalar>(_ gateUp: Matrix<Float>, into y: Matrix<Element>) {
    for row in 0..<gateUp.rows {
      let (gate, up) = Self.halves(gateUp, row)
      if Element.self == BFloat16.self {
        forward(gate, up, y.row(row).settled(as: BFloat16.self))
      } else {
        forward(gate, up, y.row(row).settled(as: Float.self))
      }
    }
  }

  /// d gate = dy up act'(gate); d up = dy act(gate). For silu act' = s (1 + gate (1 - s)).
  ///
  /// - Parameters:
  ///   - gradient: dy, rows x f.
  ///   - gateUpGradient: rows x 2f, in the format of the next matrix product.
  public func backward<Element: Scalar>(
    _ gateUp: Matrix<Float>, gradient dy: Matrix<Float>,
    into gateUpGradient: Matrix<Element>
  ) {
    let width = dy.columns
    for row in 0..<gateUp.rows {
      let (gate, up) = Self.halves(gateUp, row)
      let output = gateUpGradient.row(row)
      if Element.self == BFloat16.self {
        let output = output.settled(as: BFloat16.self)
        backward(gate, up, dy.row(row), output.slice(0, width), output.slice(width, width))
      } else {
        let output = output.settled(as: Float.self)
        backward(gate, up, dy.row(row), output.slice(0, width), output.slice(width, width))
      }
    }
  }

  @inline(__always)
  private static func halves(
    _ gateUp: Matrix<Float>, _ row: Int
  ) -> (gate: View<Float>, up: View<Float>) {
    let (values, width) = (gateUp.row(row), gateUp.columns / 2)
    return (values.slice(0, width), values.slice(width, width))
  }

  @inline(__always)
  private func forward<Element: Scalar>(
    _ gate: View<Float>, _ up: View<Float>, _ y: View<Element>
  ) {
    var index = 0
    while index < gate.count {
      let g = gate.load(index, fill: 0)
      y.storeSome(g * share(g) * up.load(index, fill: 0), index)
      index += 16
    }
  }

  @inline(__always)
  private func backward<Element: Scalar>(
    _ gate: View<Float>, _ up: View<Float>, _ dy: View<Float>, _ dGate: View<Element>,
    _ dUp: View<Element>
  ) {
    var index = 0
    while index < gate.count {
      let (g, d) = (gate.load(index, fill: 0), dy.load(index, fill: 0))
      let s = share(g)
      dGate.storeSome(d * up.load(index, fill: 0) * slope(g, s), index)
      dUp.storeSome(d * g * s, index)
      index += 16
    }
  }

  /// s: what part of the gate passes.
  @inline(__always)
  private func share(_ gate: Lanes) -> Lanes {
    self == .silu ? sigmoid(gate) : tanhShare(gate)
  }

  /// act'(gate), where s is known.
  @inline(__always)
  private func slope(_ gate: Lanes, _ s: Lanes) -> Lanes {
    self == .silu ? s * multiplyAdd(gate, 1 - s, Lanes(repeating: 1)) : tanhSlope(gate, s)
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public func reference(gate: Float, up: Float) -> Double {
    let gate = Double(gate)
    return switch self {
    case .silu: gate / (1 + exp(-gate)) * Double(up)
    case .gelu: GELU.tanh.reference(gate) * Double(up)
    }
  }
}
