/// Memory of a fixed size with one owner; the module's only allocation that grows with a file.
@safe
package struct BlockBuffer: ~Copyable {
  let start: UnsafeMutableRawPointer
  package let capacity: Int

  /// Allocates `capacity` zero bytes.
  package init(capacity: Int) {
    unsafe start = .allocate(byteCount: max(capacity, 1), alignment: 64)
    self.capacity = capacity
    clear()
  }

  deinit {
    unsafe start.deallocate()
  }

  /// The first `count` bytes.
  @_lifetime(borrow self)
  package func bytes(first count: Int) -> RawSpan {
    precondition(count <= capacity)
    let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Sets `range` to zero.
  mutating func clear(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
    unsafe (start + range.lowerBound).initializeMemory(
      as: UInt8.self, repeating: 0, count: range.count)
  }

  /// A writer of bits from `offset` on, for at most `byteLimit` bytes; the buffer must outlive it.
  mutating func bitWriter(at offset: Int, byteLimit: Int) -> BitWriter {
    precondition(offset >= 0 && byteLimit <= capacity - offset)
    return unsafe BitWriter(start + offset)
  }

  /// Sets everything to zero.
  mutating func clear() {
    unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
  }

  /// Writes `width` (1, 2 or 4) bytes of every value above its lowest `shift` bits, one after the
  /// other from `offset` on.
  mutating func store(
    _ values: Span<UInt32>, shift: UInt32 = 0, width: Int, at offset: Int
  ) {
    precondition(offset >= 0 && offset + width * values.count <= capacity)
    let target = unsafe start + offset
    for index in 0..<values.count {
      let value = values[index] &>> shift
      let element = unsafe target + index * width
      switch width {
      case 1: unsafe element.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
      case 2: unsafe element.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
      default: unsafe element.storeBytes(of: value, as: UInt32.self)
      }
    }
  }

  /// Moves `count` bytes within the buffer; the ranges may overlap.
  mutating func move(from source: Int, to target: Int, count: Int) {
    precondition(source + count <= capacity && target + count <= capacity)
    unsafe (start + target).copyMemory(from: start + source, byteCount: count)
  }

  /// Copies the first `count` bytes of another buffer to `offset`.
  mutating func copy(_ source: borrowing BlockBuffer, count: Int, to offset: Int) {
    precondition(count <= source.capacity && offset >= 0 && count <= capacity - offset)
    unsafe (start + offset).copyMemory(from: source.start, byteCount: count)
  }

  /// Writes `bytes` at `offset`.
  package mutating func copy(_ bytes: RawSpan, to offset: Int) {
    precondition(offset >= 0 && bytes.byteCount <= capacity - offset)
    unsafe bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe (start + offset).copyMemory(from: base, byteCount: source.count)
      }
    }
  }
}
