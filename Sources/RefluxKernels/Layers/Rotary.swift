public import RefluxMemory

/// Rotary position embedding: pairs (x_i, x_(i + h/2)) of every head turn by an angle that grows
/// with the position.
///
/// This is Llama's layout in Hugging Face's checkpoints (halves, not neighbours).
public struct Rotary: Sendable {
  private let cosines: Matrix<Float>  // positions x headSize / 2
  private let sines: Matrix<Float>
  /// Width h of one head, even: its first half is turned against its second.
  public let headSize: Int

  /// Tables for positions below `positions`: angle = position * base^(-2 i / headSize), stretched
  /// as `scaling` says.
  public init(
    positions: Int, headSize: Int, base: Double, scaling: RotaryScaling = .none, arena: Arena
  ) {
    let half = headSize / 2
    self.headSize = headSize
    cosines = arena.takeMatrix(positions, half)
    sines = arena.takeMatrix(positions, half)
    if arena.isMeasuring { return }
    let frequencies = scaling.frequencies(headSize: headSize, base: base)
    let magnitude = scaling.magnitude
    for position in 0..<positions {
      let (cosines, sines) = (cosines.row(position), sines.row(position))
      for index in 0..<half {
        let angle = Double(position) * frequencies[index]
        cosines[index] = Float(magnitude * cos(angle))
        sines[index] = Float(magnitude * sin(angle))
      }
    }
  }

  /// Turns `heads` heads, side by side in each row of `x`, in place.
  ///
  /// - Parameters:
  ///   - x: rows x (heads * headSize or more); row r stands at position `start` + r.
  ///   - documents: for each position from 0 on the one at which its document starts, from which
  ///     its angle is counted; nil for one document.
  ///   - backward: turns the other way: the gradient of the rotation.
  public func apply(
    _ x: Matrix<Float>, heads: Int, from start: Int = 0, documents: View<Int32>? = nil,
    backward: Bool = false
  ) {
    for row in start..<start + x.rows {
      let position = row - Int(documents?[row] ?? 0)
      let (c, s) = (cosines.row(position), sines.row(position))
      let values = x.row(row - start)
      for head in 0..<heads {
        Self.turn(values.slice(head * headSize, headSize), c, s, sign: backward ? -1 : 1)
      }
    }
  }

  /// The rotation of one head by its definition, in float64: the reference for the fast version.
  ///
  /// - Parameter x: one head's values at `position`, an even number of them.
  public static func reference(_ x: [Double], position: Int, base: Double) -> [Double] {
    let half = x.count / 2
    var result = x
    for index in 0..<half {
      let angle = Double(position) / pow(base, Double(index) / Double(half))
      result[index] = x[index] * cos(angle) - x[index + half] * sin(angle)
      result[index + half] = x[index] * sin(angle) + x[index + half] * cos(angle)
    }
    return result
  }

  @inline(__always)
  private static func turn(
    _ x: View<Float>, _ cosine: View<Float>, _ sine: View<Float>, sign: Float
  ) {
    let half = x.count / 2
    let (low, high) = (x.slice(0, half), x.slice(half, half))
    var index = 0
    while index < half {
      let (a, b) = (low.load(index, fill: 0), high.load(index, fill: 0))
      let c = cosine.load(index, fill: 0)
      let s = sine.load(index, fill: 0) * sign
      low.storeSome(a * c - b * s, index)
      high.storeSome(b * c + a * s, index)
      index += 16
    }
  }
}
