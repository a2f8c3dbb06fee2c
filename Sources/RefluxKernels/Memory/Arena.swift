#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// One block of zeroed memory from which views are cut at start-up; freed with the arena.
///
/// Pages that are never written cost nothing. Views start at multiples of 64 bytes.
@safe
public final class Arena: @unchecked Sendable {
  // Safe because: `take` is called by the one thread that sets a model up.
  private let base: UnsafeMutableRawPointer
  private var used = 0
  public let byteCount: Int

  /// Reserves `byteCount` bytes. Traps when the system has no address space left for them.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    let size = max(byteCount, 1)
    let address = unsafe mmap(
      nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | Self.anonymous, -1, 0)
    precondition(unsafe address != MAP_FAILED, "out of memory for an arena")
    unsafe base = address!
    #if os(Linux)
      unsafe _ = madvise(base, size, 14 /* MADV_HUGEPAGE */)
    #endif
  }

  deinit { unsafe munmap(base, max(byteCount, 1)) }

  private static var anonymous: Int32 {
    #if canImport(Darwin)
      MAP_ANON
    #else
      MAP_ANONYMOUS
    #endif
  }

  /// Bytes that `count` elements take in an arena.
  public static func size<Element: BitwiseCopyable>(_ count: Int, of: Element.Type) -> Int {
    (count * MemoryLayout<Element>.stride + 63) & ~63
  }

  /// The next `count` elements, all zero bits.
  public func take<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Element.self
  ) -> View<Element> {
    let size = Self.size(count, of: type)
    precondition(used + size <= byteCount, "arena is too small")
    defer { used += size }
    return unsafe View(
      base: (base + used).bindMemory(to: type, capacity: count), count: count)
  }
}

extension View {
  /// A view with an arena of its own: for scratch that lives as long as `owner` keeps the arena.
  public static func allocate(_ count: Int, owner: inout [Arena]) -> View {
    let arena = Arena(byteCount: Arena.size(count, of: Element.self))
    owner.append(arena)
    return arena.take(count)
  }
}
