// Reductions with four accumulators: a float sum has a promised order, so the compiler may not
// spread it over registers by itself. The order here depends on the length only.

extension View where Element == Float {
  /// Largest element; -infinity when empty. NaN is passed over.
  @inlinable @inline(__always)
  package func maximumValue() -> Float {
    var (a, b) = (Lanes(repeating: -.infinity), Lanes(repeating: -.infinity))
    var (c, d) = (a, b)
    var index = 0
    while index + 64 <= count {
      a = maximum(a, load(index))
      b = maximum(b, load(index + 16))
      c = maximum(c, load(index + 32))
      d = maximum(d, load(index + 48))
      index += 64
    }
    while index < count {
      a = maximum(a, load(index, fill: -.infinity))
      index += 16
    }
    return maximum(maximum(maximum(a, b), maximum(c, d)))
  }

  /// x_j <- e^(x_j - reference) for all j; returns their sum.
  @inlinable @inline(__always)
  package func exponentiate(minus reference: Float) -> Float {
    let shift = Lanes(repeating: reference)
    var (a, b, c, d) = (Lanes(), Lanes(), Lanes(), Lanes())
    var index = 0
    while index + 64 <= count {
      let (w, x) = (exp(load(index) - shift), exp(load(index + 16) - shift))
      let (y, z) = (exp(load(index + 32) - shift), exp(load(index + 48) - shift))
      store(w, index)
      store(x, index + 16)
      store(y, index + 32)
      store(z, index + 48)
      a += w
      b += x
      c += y
      d += z
      index += 64
    }
    while index < count {
      let e = exp(load(index, fill: -.infinity) - shift)
      storeSome(e, index)
      a += e.replacing(with: 0, where: Self.beyond(count - index))
      index += 16
    }
    return sum((a + b) + (c + d))
  }

  /// x_j <- factor x_j.
  @inlinable @inline(__always)
  public func multiply(by factor: Float) {
    let scale = Lanes(repeating: factor)
    var index = 0
    while index + 16 <= count {
      store(load(index) * scale, index)
      index += 16
    }
    if index < count { storeSome(load(index, fill: 0) * scale, index) }
  }

  /// sum_j x_j y_j.
  @inlinable @inline(__always)
  package func dot(_ other: View<Float>) -> Float {
    var (a, b) = (Lanes(), Lanes())
    var index = 0
    while index + 32 <= count {
      a = multiplyAdd(load(index), other.load(index), a)
      b = multiplyAdd(load(index + 16), other.load(index + 16), b)
      index += 32
    }
    while index < count {
      a = multiplyAdd(load(index, fill: 0), other.load(index, fill: 0), a)
      index += 16
    }
    return sum(a + b)
  }

  /// Marks the lanes from `live` on.
  @inlinable @inline(__always)
  static func beyond(_ live: Int) -> SIMDMask<SIMD16<Int32>> {
    SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
      .>= SIMD16(repeating: Int32(clamping: live))
  }
}

/// sum_j x_j^2, in float64 across pieces of 4,096 elements: for gradient norms.
@inlinable
public func sumOfSquares(_ x: View<Float>) -> Double {
  var total = 0.0
  var start = 0
  while start < x.count {
    let piece = x.slice(start, min(4096, x.count - start))
    total += Double(piece.dot(piece))
    start += 4096
  }
  return total
}

/// Copies `source` into another number format, rounding to nearest.
@inlinable
public func convert<Element: Scalar>(_ source: View<Float>, into target: View<Element>) {
  precondition(source.count <= target.count)
  if Element.self == BFloat16.self {
    convertLanes(source, target.settled(as: BFloat16.self))
  } else {
    target.settled(as: Float.self).copy(from: source)
  }
}

@inlinable
func convertLanes(_ source: View<Float>, _ target: View<BFloat16>) {
  let target = target.slice(0, source.count)
  var index = 0
  while index < source.count {
    target.storeSome(source.load(index, fill: 0), index)
    index += 16
  }
}

/// The same numbers in float32, exactly.
package func widen(_ source: View<BFloat16>, into target: View<Float>) {
  precondition(source.count <= target.count)
  let target = target.slice(0, source.count)
  for index in stride(from: 0, to: source.count, by: 16) {
    target.storeSome(source.load(index, fill: 0), index)
  }
}
