public import CSIMD

/// Sixteen floats: the width all kernels are written for. The compiler splits it into what the
/// instruction set has (one AVX-512, two AVX2 or four NEON registers).
@usableFromInline package typealias Lanes = SIMD16<Float>

// The vocabulary: everything that depends on the instruction set. Algorithms are written on it
// once.

/// a b + c, rounded once.
@inlinable @inline(__always)
package func multiplyAdd(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes { csimd_fma(a, b, c) }

@inlinable @inline(__always)
package func maximum(_ a: Lanes, _ b: Lanes) -> Lanes { csimd_max(a, b) }

/// Rounded once. Swift's own for these types goes lane by lane.
@inlinable @inline(__always)
package func squareRoot(_ v: Lanes) -> Lanes { csimd_sqrt(v) }

/// Sum of the sixteen lanes in a fixed order.
@inlinable @inline(__always)
package func sum(_ v: Lanes) -> Float { csimd_sum(v) }

/// Largest of the sixteen lanes.
@inlinable @inline(__always)
package func maximum(_ v: Lanes) -> Float { csimd_reduce_max(v) }

/// e^x to 2 ulp for x in -87...88; below that 0 within 1.2e-38, above it e^88.
///
/// Two-step range reduction x = n ln 2 + r, a polynomial of degree 6 in r, and 2^n by the exponent
/// bits. NaN stays NaN.
/// Source: Cephes' constants for ln 2; polynomial: Cephes `expf`.
@inlinable @inline(__always)
package func exp(_ x: Lanes) -> Lanes {
  let magic = Lanes(repeating: 12_582_912)  // 1.5 * 2^23: adding it rounds to a whole number
  let low = Lanes(repeating: -87.336_54)
  let high = Lanes(repeating: 88)
  var x = x.replacing(with: low, where: x .< low)
  x = x.replacing(with: high, where: x .> high)
  let n = multiplyAdd(x, Lanes(repeating: 1.442_695_04), magic) - magic
  var r = multiplyAdd(n, Lanes(repeating: -0.693_359_375), x)
  r = multiplyAdd(n, Lanes(repeating: 2.121_944_4e-4), r)
  var p = Lanes(repeating: 1.987_569_15e-4)
  p = multiplyAdd(p, r, Lanes(repeating: 1.398_199_950_7e-3))
  p = multiplyAdd(p, r, Lanes(repeating: 8.333_451_907_3e-3))
  p = multiplyAdd(p, r, Lanes(repeating: 4.166_579_589_4e-2))
  p = multiplyAdd(p, r, Lanes(repeating: 0.166_666_654_59))
  p = multiplyAdd(p, r, Lanes(repeating: 0.500_000_012))
  return (multiplyAdd(p, r * r, r) + 1) * csimd_exp2_whole(n)
}

/// 1 / (1 + e^-x), the logistic function.
@inlinable @inline(__always)
package func sigmoid(_ x: Lanes) -> Lanes { 1 / (1 + exp(0 - x)) }
