internal import RefluxKernels
internal import RefluxMemory

/// Where the document of each row of a batch starts, as attention and rotation take it.
struct DocumentStarts {
  private let ids: View<UInt32>
  private let starts: View<Int32>
  private let window: Int
  private var isMarked = false

  /// Takes the memory of `windows` windows: 8 bytes per row.
  init(windows: Int, window: Int, arena: Arena) {
    ids = arena.take(windows * window)
    starts = arena.take(windows * window)
    self.window = window
  }

  /// - Parameter documents: an id per row of whole windows, or nothing: one document per window.
  mutating func fill(from documents: Span<UInt32>) {
    isMarked = documents.count > 0
    if !isMarked { return }
    precondition(documents.count % window == 0 && documents.count <= ids.count)
    ids.copy(from: documents)
    for start in stride(from: 0, to: documents.count, by: window) {
      Attention.findDocuments(ids.slice(start, window), into: starts.slice(start, window))
    }
  }

  /// Counted from the window's first row; nil where it is one document.
  func ofWindow(_ index: Int) -> View<Int32>? {
    isMarked ? starts.slice(index * window, window) : nil
  }

  /// The position of a row of the batch in its document.
  func position(ofRow row: Int) -> Int {
    row % window - (isMarked ? Int(starts[row]) : 0)
  }
}
