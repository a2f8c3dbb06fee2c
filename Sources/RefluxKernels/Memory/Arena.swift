#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Zeroed memory from which views are cut at start-up; all of it is freed with the arena.
///
/// Grows by blocks of at least 16 MiB. Pages that are never written cost nothing. Views start at
/// multiples of 64 bytes.
@safe
public final class Arena: @unchecked Sendable {
  // Safe because: `take` is called by the one thread that sets a model up.
  private var blocks: [UnsafeMutableRawBufferPointer] = unsafe []
  private var used = 0  // bytes of the last block
  /// Bytes handed out.
  public private(set) var byteCount = 0

  /// An arena without memory: the first view makes it map a block.
  public init() {}

  deinit {
    let count = unsafe blocks.count
    for index in 0..<count {
      unsafe munmap(blocks[index].baseAddress, blocks[index].count)
    }
  }

  /// The next `count` elements, all zero bits. Traps when the system has no address space left.
  public func take<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Element.self
  ) -> View<Element> {
    let size = (max(count, 1) * MemoryLayout<Element>.stride + 63) & ~63
    if unsafe blocks.isEmpty || blocks[blocks.count - 1].count - used < size {
      unsafe blocks.append(Self.map(max(size, 16 << 20)))
      used = 0
    }
    let start = unsafe blocks[blocks.count - 1].baseAddress! + used
    used += size
    byteCount += size
    return unsafe View(base: start.bindMemory(to: type, capacity: count), count: count)
  }

  /// The next `rows` x `columns` elements, row-major.
  public func takeMatrix<Element: BitwiseCopyable>(
    _ rows: Int, _ columns: Int, of type: Element.Type = Element.self
  ) -> Matrix<Element> {
    Matrix(take(rows * columns), rows: rows, columns: columns)
  }

  private static func map(_ size: Int) -> UnsafeMutableRawBufferPointer {
    #if canImport(Darwin)
      let anonymous = MAP_ANON
    #else
      let anonymous = MAP_ANONYMOUS
    #endif
    let address = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | anonymous, -1, 0)
    precondition(unsafe address != MAP_FAILED, "out of memory for an arena")
    #if os(Linux)
      unsafe _ = madvise(address, size, 14)  // MADV_HUGEPAGE: fewer misses on long sweeps
    #endif
    return unsafe UnsafeMutableRawBufferPointer(start: address, count: size)
  }
}
