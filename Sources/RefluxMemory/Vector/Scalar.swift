public import CSIMD

/// A number format that tensors are stored in; arithmetic is always float32.
public protocol Scalar: BitwiseCopyable, Sendable {
  /// Name as in command options and reports: `float32` or `bfloat16`.
  static var name: String { get }
  /// The nearest value of this format.
  init(rounding value: Float)
  /// The exact value.
  var float: Float { get }
  /// Sixteen values from any address.
  @unsafe static func load(_ address: UnsafePointer<Self>) -> SIMD16<Float>
  /// Sixteen values, rounded to this format, to any address.
  @unsafe static func store(_ lanes: SIMD16<Float>, _ address: UnsafeMutablePointer<Self>)
}

extension Float: Scalar {
  /// `float32`.
  @inlinable public static var name: String { "float32" }
  /// `value` itself: nothing is rounded.
  @inlinable @inline(__always) public init(rounding value: Float) { self = value }
  /// The value itself.
  @inlinable @inline(__always) public var float: Float { self }

  /// Sixteen adjacent floats, as they are; the address need not be aligned.
  @inlinable @inline(__always)
  public static func load(_ address: UnsafePointer<Float>) -> SIMD16<Float> {
    unsafe UnsafeRawPointer(address).loadUnaligned(as: SIMD16<Float>.self)
  }

  /// Sixteen adjacent floats, as they are; the address need not be aligned.
  @inlinable @inline(__always)
  public static func store(_ lanes: SIMD16<Float>, _ address: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(address).storeBytes(of: lanes, as: SIMD16<Float>.self)
  }
}

/// The upper half of a float32: eight bits of exponent, seven of fraction.
public struct BFloat16: Scalar {
  /// Sign, exponent and fraction as in the upper two bytes of a float32.
  public var bits: UInt16

  /// `bfloat16`.
  @inlinable public static var name: String { "bfloat16" }

  /// Nearest, ties to even; NaN stays NaN.
  @inlinable @inline(__always)
  public init(rounding value: Float) {
    let pattern = value.bitPattern
    let rounded = pattern &+ 0x7FFF &+ ((pattern >> 16) & 1)
    bits = UInt16(truncatingIfNeeded: (value.isNaN ? pattern | 0x40_0000 : rounded) >> 16)
  }

  /// The float32 whose lower half is zero; every bfloat16 has one.
  @inlinable @inline(__always) public var float: Float { Float(bitPattern: UInt32(bits) << 16) }

  /// Sixteen adjacent bfloat16 numbers, widened without loss; the address need not be aligned.
  @inlinable @inline(__always)
  public static func load(_ address: UnsafePointer<BFloat16>) -> SIMD16<Float> {
    csimd_from_bfloat16(
      unsafe UnsafeRawPointer(address).loadUnaligned(as: SIMD16<UInt16>.self))
  }

  /// Rounds sixteen floats to nearest, ties to even; the address need not be aligned.
  @inlinable @inline(__always)
  public static func store(_ lanes: SIMD16<Float>, _ address: UnsafeMutablePointer<BFloat16>) {
    unsafe UnsafeMutableRawPointer(address).storeBytes(
      of: csimd_to_bfloat16(lanes), as: SIMD16<UInt16>.self)
  }
}
