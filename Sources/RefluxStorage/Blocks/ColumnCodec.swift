/// Widening of packed little-endian columns, in loops that the compiler turns into vector code.
enum ColumnCodec {
  /// Widens unsigned elements of 1, 2 or 4 bytes.
  ///
  /// - Parameters:
  ///   - source: whole elements of `width` bytes, at any alignment.
  ///   - target: receives the values from element `first` on.
  /// - Returns: the largest value, so that one pass both converts and checks; 0 for no elements.
  static func widen(
    _ source: RawSpan, width: Int, into target: inout MutableSpan<UInt32>, at first: Int
  ) -> UInt32 {
    let count = source.byteCount / width
    precondition(first >= 0 && count <= target.count - first)
    return unsafe source.withUnsafeBytes { bytes in
      unsafe target.withUnsafeMutableBufferPointer { output in
        guard let input = bytes.baseAddress, let start = output.baseAddress else {
          return 0
        }
        let output = unsafe start + first
        switch width {
        case 1: return unsafe widen(input, UInt8.self, output, count)
        case 2: return unsafe widen(input, UInt16.self, output, count)
        default: return unsafe widen(input, UInt32.self, output, count)
        }
      }
    }
  }

  @inline(__always)
  private static func widen<Element: FixedWidthInteger>(
    _ input: UnsafeRawPointer, _: Element.Type, _ output: UnsafeMutablePointer<UInt32>,
    _ count: Int
  ) -> UInt32 {
    var largest: UInt32 = 0
    for index in 0..<count {
      let offset = index &* MemoryLayout<Element>.size
      let value = unsafe UInt32(
        truncatingIfNeeded: input.loadUnaligned(fromByteOffset: offset, as: Element.self))
      unsafe output[index] = value
      largest = max(largest, value)
    }
    return largest
  }

  /// Joins the low two bytes and the high byte of 3-byte elements; returns the largest.
  static func widen(
    _ low: RawSpan, _ high: RawSpan, into target: inout MutableSpan<UInt32>, at first: Int
  ) -> UInt32 {
    let count = high.byteCount
    precondition(low.byteCount == 2 * count && first >= 0 && count <= target.count - first)
    return unsafe low.withUnsafeBytes { low in
      unsafe high.withUnsafeBytes { high in
        unsafe target.withUnsafeMutableBufferPointer { output in
          guard let low = low.baseAddress, let high = high.baseAddress,
            let start = output.baseAddress
          else { return 0 }
          return unsafe join(low, high, start + first, count)
        }
      }
    }
  }

  private static func join(
    _ low: UnsafeRawPointer, _ high: UnsafeRawPointer, _ output: UnsafeMutablePointer<UInt32>,
    _ count: Int
  ) -> UInt32 {
    var largest: UInt32 = 0
    for index in 0..<count {
      let bottom = unsafe low.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
      let top = unsafe high.loadUnaligned(fromByteOffset: index, as: UInt8.self)
      let value = UInt32(truncatingIfNeeded: bottom) | UInt32(truncatingIfNeeded: top) &<< 16
      unsafe output[index] = value
      largest = max(largest, value)
    }
    return largest
  }
}
