internal import CSIMD

extension View where Element == Float {
  /// Copies numbers of a format from bytes at any address, in the machine's (little-endian) order.
  ///
  /// - Parameter bytes: as many numbers as this view has elements, or more.
  public func copy<Format: Scalar>(from bytes: RawSpan, as format: Format.Type) {
    precondition(bytes.byteCount >= count * MemoryLayout<Format>.stride)
    unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      // Only read from: a view has no other pointer.
      let source = unsafe View<Format>(
        base: UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: Format.self),
        count: count)
      if Format.self == BFloat16.self {
        copyLanes(from: source.settled(as: BFloat16.self))
      } else {
        copyLanes(from: source.settled(as: Float.self))
      }
    }
  }

  @inline(__always)
  private func copyLanes<Format: Scalar>(from source: View<Format>) {
    var index = 0
    while index + 16 <= count {
      store(source.load(index), index)
      index += 16
    }
    while index < count {
      // The bytes of a number need not stand where its type would.
      self[index] = unsafe UnsafeRawPointer(source.base + index).loadUnaligned(as: Format.self)
        .float
      index += 1
    }
  }

  /// Copies IEEE half-precision numbers from bytes at any address; exact, subnormal and infinite
  /// ones and NaNs included.
  public func copyHalves(from bytes: RawSpan) {
    precondition(bytes.byteCount >= 2 * count)
    unsafe bytes.withUnsafeBytes { bytes in
      var index = 0
      while index < count {
        let live = min(16, count - index)
        var halves = SIMD16<UInt16>()
        if live == 16 {
          halves = unsafe bytes.loadUnaligned(fromByteOffset: 2 * index, as: SIMD16<UInt16>.self)
        } else {
          for lane in 0..<live {
            halves[lane] = unsafe bytes.loadUnaligned(
              fromByteOffset: 2 * (index + lane), as: UInt16.self)
          }
        }
        storeSome(csimd_from_half(halves), index)
        index += 16
      }
    }
  }

  /// Copies double-precision numbers from bytes at any address, rounded to nearest.
  public func copyDoubles(from bytes: RawSpan) {
    precondition(bytes.byteCount >= 8 * count)
    unsafe bytes.withUnsafeBytes { bytes in
      for index in 0..<count {
        let bits = unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        self[index] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
      }
    }
  }

  /// The first element that is NaN or infinite, if any.
  public func firstNotFinite() -> Int? {
    var total = Lanes()
    var index = 0
    while index < count {
      let lanes = load(index, fill: 0)
      total += lanes - lanes  // 0, or NaN
      index += 16
    }
    if sum(total) == 0 { return nil }
    return (0..<count).first { !self[$0].isFinite }
  }
}
