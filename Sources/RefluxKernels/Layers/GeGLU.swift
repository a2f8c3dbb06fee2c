/// Gemma's gated unit of the feed-forward layer: y = gelu(gate) * up with ``GELU/tanh``.
public enum GeGLU {
  /// - Parameters:
  ///   - gateUp: rows x 2f: the gate's f columns, then the f columns of up.
  ///   - y: rows x f in the format of the next matrix product.
  public static func forward<Element: Scalar>(_ gateUp: Matrix<Float>, into y: Matrix<Element>) {
    for row in 0..<gateUp.rows {
      let (gate, up) = halves(gateUp, row)
      if Element.self == BFloat16.self {
        forward(gate, up, y.row(row).settled(as: BFloat16.self))
      } else {
        forward(gate, up, y.row(row).settled(as: Float.self))
      }
    }
  }

  /// d gate = dy up gelu'(gate); d up = dy gelu(gate).
  ///
  /// - Parameters:
  ///   - gradient: dy, rows x f.
  ///   - gateUpGradient: rows x 2f, in the format of the next matrix product.
  public static func backward<Element: Scalar>(
    _ gateUp: Matrix<Float>, gradient dy: Matrix<Float>,
    into gateUpGradient: Matrix<Element>
  ) {
    let width = dy.columns
    for row in 0..<gateUp.rows {
      let (gate, up) = halves(gateUp, row)
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
  private static func forward<Element: Scalar>(
    _ gate: View<Float>, _ up: View<Float>, _ y: View<Element>
  ) {
    var index = 0
    while index < gate.count {
      let g = gate.load(index, fill: 0)
      y.storeSome(g * tanhShare(g) * up.load(index, fill: 0), index)
      index += 16
    }
  }

  @inline(__always)
  private static func backward<Element: Scalar>(
    _ gate: View<Float>, _ up: View<Float>, _ dy: View<Float>, _ dGate: View<Element>,
    _ dUp: View<Element>
  ) {
    var index = 0
    while index < gate.count {
      let (g, d) = (gate.load(index, fill: 0), dy.load(index, fill: 0))
      dGate.storeSome(d * up.load(index, fill: 0) * tanhSlope(g), index)
      dUp.storeSome(d * g * tanhShare(g), index)
      index += 16
    }
  }

  /// The same by the book, in float64: judges the fast version.
  public static func reference(gate: Float, up: Float) -> Double {
    GELU.tanh.reference(Double(gate)) * Double(up)
  }
}
