extension Span where Element == Float {
  /// The sixteen elements from `index` on, which must exist.
  @inline(__always)
  func lanes(at index: Int) -> SIMD16<Float> {
    // Safe because: the load checks its bounds, and every bit pattern is a vector of floats.
    unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
  }

  /// The elements from `index` on, `fill` where there are fewer than sixteen.
  @inline(never)
  func lanes(at index: Int, fill: Float) -> SIMD16<Float> {
    var lanes = SIMD16<Float>(repeating: fill)
    for lane in 0..<Swift.min(16, count - index) { lanes[lane] = self[index + lane] }
    return lanes
  }
}

extension SIMD16<Float> {
  /// The sum by halving: a fixed order that compiles to a few shuffles.
  @inline(__always)
  var halvingSum: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// The larger of each pair of lanes; neither is NaN.
  @inline(__always)
  func larger(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

  /// The largest lane, by halving; none is NaN.
  @inline(__always)
  var halvingMaximum: Float {
    let eight = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
    let (low, high) = (eight.lowHalf, eight.highHalf)
    let four = low.replacing(with: high, where: high .> low)
    return Swift.max(Swift.max(four[0], four[1]), Swift.max(four[2], four[3]))
  }
}
