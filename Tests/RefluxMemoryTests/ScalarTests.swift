import NumericSupport
import RefluxMemory
import RefluxRandom
import Testing

struct ScalarTests {
  /// The nearest bfloat16 by search among the two neighbours, ties to the even pattern.
  private func nearest(_ x: Float) -> UInt16 {
    let low = UInt16(x.bitPattern >> 16)
    let (below, above) = (BFloat16(pattern: low), BFloat16(pattern: low &+ 1))
    if below.float == x { return low }
    // Beyond the largest finite value the neighbour counts as 2^128, as in IEEE 754.
    let upper = above.float.isInfinite ? 0x1p128 : abs(Double(above.float))
    let (down, up) = (abs(Double(x)) - abs(Double(below.float)), upper - abs(Double(x)))
    if down != up { return down < up ? low : low &+ 1 }
    return low % 2 == 0 ? low : low &+ 1
  }

  @Test func bfloat16RoundsToNearestEven() {
    var random = RandomStream(seed: 10, stream: 0)
    for upper in 0...UInt32(0xFFFF) {
      var patterns: [UInt32] = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]
      patterns.append(UInt32(truncatingIfNeeded: random.next()) & 0xFFFF)
      for lower in patterns {
        let x = Float(bitPattern: upper << 16 | lower)
        let rounded = BFloat16(rounding: x)
        if x.isNaN {
          #expect(rounded.float.isNaN)
        } else if rounded.bits != nearest(x) {
          Issue.record("\(x) became \(rounded.float), expected pattern \(nearest(x))")
        }
      }
    }
  }

  @Test(arguments: [Float.infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude, 1, -2.5])
  func bfloat16KeepsSpecialValues(value: Float) {
    let rounded = BFloat16(rounding: value).float
    if value.magnitude == .greatestFiniteMagnitude {
      #expect(rounded == .infinity)
    } else {
      #expect(rounded == value && rounded.sign == value.sign)
    }
  }

  /// Vectors and the scalars of the tail must not differ in a bit.
  @Test(arguments: Array(0...67) + [1000])
  func conversionIsTheSameInVectorsAndTails(count: Int) {
    var random = RandomStream(seed: 11, stream: UInt64(count))
    var values = random.normals(count, scale: 100)
    if count > 4 { values[count / 2] = .nan }
    if count > 8 { values[count / 3] = .infinity }
    let source = Walled<Float>(values, offset: 3)
    let target = Walled<BFloat16>(count: count, offset: 5)
    convert(source.view, into: target.view)
    for index in 0..<count {
      #expect(target.view[index].bits == BFloat16(rounding: values[index]).bits)
    }
    #expect(target.wallsStand)
    let same = Walled<Float>(count: count, offset: 1)
    convert(source.view, into: same.view)
    #expect(same.values.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test(arguments: Array(0...67) + [4095, 4096, 4097, 10_000])
  func sumOfSquaresAgreesWithFloat64(count: Int) {
    var random = RandomStream(seed: 12, stream: UInt64(count))
    let values = random.normals(count)
    let x = Walled<Float>(values, offset: count % 16)
    let exact = values.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(sumOfSquares(x.view) - exact) <= 1e-6 * exact)
  }
}

extension BFloat16 {
  fileprivate init(pattern: UInt16) {
    self.init(rounding: 0)
    bits = pattern
  }
}
