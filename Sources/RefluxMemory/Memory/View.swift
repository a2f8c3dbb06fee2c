/// `count` adjacent elements that somebody else owns: what kernels read and write.
///
/// A view is a pointer with a length, nothing more: it does not keep its memory alive (an ``Arena``
/// does, for the life of a model). What is public traps outside of its bounds in every build; the
/// kernels' own vector loads check in debug builds only. Several workers may hold the same view;
/// they must write to disjoint parts.
@safe
public struct View<Element: BitwiseCopyable>: @unchecked Sendable {
  // Safe because: workers only ever get disjoint shares of what they write.
  @usableFromInline package let base: UnsafeMutablePointer<Element>
  /// The number of elements, not bytes.
  public let count: Int

  /// Views `count` elements from `base` on, which must stay in place as long as the view is used.
  @unsafe @inlinable
  package init(base: UnsafeMutablePointer<Element>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// The element at `index`, in 0..<count.
  @inlinable @inline(__always)
  public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// The part of `count` elements from `start` on.
  @inlinable @inline(__always)
  public func slice(_ start: Int, _ count: Int) -> View {
    precondition(start >= 0 && count >= 0 && start <= self.count - count)
    return unsafe View(base: base + start, count: count)
  }

  /// Sets every element to `value`.
  @inlinable
  public func fill(_ value: Element) { unsafe base.update(repeating: value, count: count) }

  /// Copies as many elements as `source` has to the front of this view.
  @inlinable
  public func copy(from source: View) {
    precondition(source.count <= count)
    unsafe base.update(from: source.base, count: source.count)
  }

  /// Copies a span's elements to the front of this view.
  @inlinable
  public func copy(from source: Span<Element>) {
    precondition(source.count <= count)
    unsafe source.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe base.update(from: start, count: source.count) }
    }
  }

  /// The elements as a span, while `body` runs.
  @inlinable
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(Span(_unsafeStart: UnsafePointer(base), count: count))
  }

  /// The elements' bytes, while `body` runs.
  @inlinable
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(
      RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count * MemoryLayout<Element>.stride)
    )
  }

  /// The elements as a span that can be written to, while `body` runs.
  @inlinable
  public func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var span = unsafe MutableSpan(_unsafeStart: base, count: count)
    return try body(&span)
  }
}

extension View where Element: Scalar {
  /// Lanes `index ..< index + 16`, which must exist.
  @inlinable @inline(__always)
  package func load(_ index: Int) -> Lanes {
    assert(index >= 0 && index + 16 <= count)
    return unsafe Element.load(UnsafePointer(base + index))
  }

  /// Lanes from `index` on; those beyond the end are `fill`.
  @inlinable @inline(__always)
  package func load(_ index: Int, fill: Float) -> Lanes {
    index + 16 <= count ? load(index) : loadTail(index, fill)
  }

  @inlinable @inline(__always)
  package func store(_ lanes: Lanes, _ index: Int) {
    assert(index >= 0 && index + 16 <= count)
    unsafe Element.store(lanes, base + index)
  }

  /// Stores the lanes from `index` on that exist.
  @inlinable @inline(__always)
  package func storeSome(_ lanes: Lanes, _ index: Int) {
    if index + 16 <= count { store(lanes, index) } else { storeTail(lanes, index) }
  }

  @inlinable @inline(never)
  func loadTail(_ index: Int, _ fill: Float) -> Lanes {
    var lanes = Lanes(repeating: fill)
    for lane in 0..<(count - index) { lanes[lane] = self[index + lane].float }
    return lanes
  }

  @inlinable @inline(never)
  func storeTail(_ lanes: Lanes, _ index: Int) {
    for lane in 0..<(count - index) { self[index + lane] = Element(rounding: lanes[lane]) }
  }
}

extension View {
  /// The same memory under the type it is known to have: settles a generic parameter.
  @inlinable
  public func settled<Other: BitwiseCopyable>(as: Other.Type) -> View<Other> {
    precondition(Element.self == Other.self)
    return unsafe unsafeBitCast(self, to: View<Other>.self)
  }
}

extension View<UInt32> {
  /// Whether all elements are below `bound`: what a kernel asks of ids before it follows them.
  package func areBelow(_ bound: Int) -> Bool {
    var highest: UInt32 = 0
    for index in 0..<count { highest = unsafe max(highest, base[index]) }
    return count == 0 || Int(highest) < bound
  }
}
