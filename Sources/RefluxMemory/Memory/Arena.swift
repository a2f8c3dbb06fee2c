#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Zeroed memory from which views are cut at start-up; all of it is freed with the arena.
///
/// Grows by blocks of at least 16 MiB, unless told otherwise. Pages that are never written cost
/// nothing. Views start at multiples of 64 bytes.
@safe
public final class Arena: @unchecked Sendable {
  // Safe because: `take` is called by the one thread that sets a model up.
  private var blocks: [UnsafeMutableRawBufferPointer] = unsafe []
  /// Bytes of the last block, and those of them that are used.
  private var (size, used) = (0, 0)
  private let blockBytes: Int
  /// Where this arena only adds up what it would take; see ``measure(_:)``.
  private let meter = Arena.meter
  @TaskLocal static var meter: ArenaMeter?
  /// Bytes handed out.
  public private(set) var byteCount = 0

  /// An arena without memory: the first view makes it map a block.
  ///
  /// - Parameter blockBytes: the least that is mapped at once.
  public init(blockBytes: Int = 16 << 20) { self.blockBytes = blockBytes }

  /// Whether views have sizes but no memory, which then must not be written to.
  package var isMeasuring: Bool { meter != nil }

  deinit {
    let count = unsafe blocks.count
    for index in 0..<count {
      unsafe munmap(blocks[index].baseAddress, blocks[index].count)
    }
  }

  /// The next `count` elements, all zero bits.
  ///
  /// Ends the process when the system has no memory left, as ``onExhaustion(_:)`` says.
  public func take<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Element.self
  ) -> View<Element> {
    let bytes = (max(count, 1) * MemoryLayout<Element>.stride + 63) & ~63
    if size - used < bytes { addBlock(max(bytes, blockBytes)) }
    let start = unsafe next
    used += bytes
    byteCount += bytes
    meter?.add(bytes: bytes)
    return unsafe View(base: start.bindMemory(to: type, capacity: count), count: count)
  }

  /// Where the next view begins.
  private var next: UnsafeMutableRawPointer {
    // Somewhere in the first page, which no process may touch.
    if isMeasuring { return unsafe UnsafeMutableRawPointer(bitPattern: 64)! }
    return unsafe blocks[blocks.count - 1].baseAddress! + used
  }

  private func addBlock(_ bytes: Int) {
    if let meter { meter.add(addressBytes: bytes) } else { unsafe blocks.append(Self.map(bytes)) }
    (size, used) = (bytes, 0)
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
    if unsafe address == MAP_FAILED { exhausted(size) }
    #if os(Linux)
      unsafe _ = madvise(address, size, 14)  // MADV_HUGEPAGE: fewer misses on long sweeps
    #endif
    return unsafe UnsafeMutableRawBufferPointer(start: address, count: size)
  }
}
