public import RefluxMemory

/// Keeps numbers within -c...c: y = c tanh(x / c).
///
/// Not tanh itself is computed but 1 - 2 / (1 + e^(2x/c)), within 2e-7 c.
public struct Softcap: Equatable, Sendable {
  /// c, above 0.
  public let limit: Float

  /// Traps where the limit is not above 0.
  public init(limit: Float) {
    precondition(limit > 0)
    self.limit = limit
  }

  /// x_j <- c tanh(x_j / c).
  public func apply(_ x: View<Float>) {
    let (scale, limit) = (Lanes(repeating: 2 / limit), Lanes(repeating: limit))
    var index = 0
    while index < x.count {
      let t = 1 - 2 / (1 + exp(x.load(index, fill: 0) * scale))
      x.storeSome(t * limit, index)
      index += 16
    }
  }

  /// The derivative at each capped number: slope_j = 1 - (y_j / c)^2.
  public func slopes(_ y: View<Float>, into slopes: View<Float>) {
    let scale = Lanes(repeating: 1 / limit)
    var index = 0
    while index < y.count {
      let t = y.load(index, fill: 0) * scale
      slopes.storeSome((1 - t) * (1 + t), index)
      index += 16
    }
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public func reference(_ x: Double) -> Double { Double(limit) * tanh(x / Double(limit)) }
}

extension View where Element == Float {
  /// x_j <- x_j y_j.
  public func multiply(by other: View<Float>) {
    precondition(other.count >= count)
    var index = 0
    while index < count {
      storeSome(load(index, fill: 0) * other.load(index, fill: 0), index)
      index += 16
    }
  }
}
