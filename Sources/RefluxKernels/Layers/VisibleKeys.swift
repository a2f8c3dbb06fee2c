internal import RefluxMemory

/// Which keys a position sees: those of its document, of its window, and none after itself.
struct VisibleKeys {
  let window: Int?
  /// For each position the one at which its document starts.
  let documents: View<Int32>?

  /// The keys of one block of queries: from the first that any of them sees, brought down to a
  /// multiple of the block so that few shapes of products arise, to the last query's own.
  func keys(from position: Int, _ count: Int) -> Range<Int> {
    first(position) / Attention.block * Attention.block..<position + count
  }

  /// The keys of one query, counted from the first of `block`.
  @inline(__always)
  func keys(of position: Int, within block: Range<Int>) -> Range<Int> {
    first(position) - block.lowerBound..<position + 1 - block.lowerBound
  }

  /// Never below that of an earlier position: documents and windows only move on.
  @inline(__always)
  private func first(_ position: Int) -> Int {
    let inWindow = window.map { max(0, position - $0 + 1) } ?? 0
    return documents.map { max(inWindow, Int($0[position])) } ?? inWindow
  }
}
