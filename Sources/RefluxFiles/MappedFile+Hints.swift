#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Hints to the system, without effect on what is read.
extension MappedFile {
  /// Asks the system to bring in `range` (bytes) ahead of its use.
  public func prefetch(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let bounded = range.clamped(to: 0..<count)
    advise(bounded.lowerBound / page * page..<bounded.upperBound, MADV_WILLNEED)
  }

  /// Tells the system that `range` (bytes) is not needed for now: its whole pages no longer count
  /// as this process's memory. They stay in the page cache as long as there is room.
  public func drop(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let bounded = range.clamped(to: 0..<count)
    let first = (bounded.lowerBound + page - 1) / page * page
    // The last page of the file has no other use than the file's.
    let end = bounded.upperBound == count ? count : bounded.upperBound / page * page
    if first < end { advise(first..<end, MADV_DONTNEED) }
  }

  /// Tells the system how the whole file is going to be read.
  public func expect(_ access: FileAccess) {
    let advice =
      switch access {
      case .ordinary: MADV_NORMAL
      case .sequential: MADV_SEQUENTIAL
      case .random: MADV_RANDOM
      }
    advise(0..<count, advice)
  }

  private func advise(_ range: Range<Int>, _ advice: Int32) {
    guard let start = unsafe start, !range.isEmpty else { return }
    let address = unsafe UnsafeMutableRawPointer(mutating: start + range.lowerBound)
    unsafe madvise(address, range.count, advice)
  }
}

/// How a mapped file is going to be read.
public enum FileAccess: Sendable {
  /// Nothing is known: the system reads a little ahead.
  case ordinary
  /// From the front to the back: the system reads far ahead.
  case sequential
  /// Here and there: the system brings in only what is touched.
  case random
}
