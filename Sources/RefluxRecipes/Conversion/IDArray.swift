internal import RefluxFiles
internal import RefluxInterchange

/// The token ids of a mapped `.npy` file, some at a time.
struct IDArray {
  private let path: String
  private let file: MappedFile
  private let array: NPYArray

  /// Ids that are read together.
  private static let chunk = 1 << 18

  /// Maps the file and checks its header; refuses one without elements.
  init(path: String) throws(RecipeError) {
    let file = try TextCorpus.map(SystemPath(path), isText: false)
    if file.count == 0 { throw .emptyFile(path: path, expected: "an array") }
    do { array = try NPYArray(parsing: file.bytes) } catch {
      throw .foreign(path: path, error)
    }
    if array.count == 0 { throw .noElements(path: path) }
    self.path = path
    self.file = file
  }

  var count: Int { array.count }

  /// The length of the last axis: ids that stand in one row.
  var rowLength: Int { array.shape.last ?? 1 }

  /// The largest element, which must be an id that some store can hold.
  func largestID(_ observer: RunObserver) throws(RecipeError) -> Int {
    var largest: UInt32 = 0
    let all = Int(Int32.max)
    let silent = RunObserver(isInterrupted: observer.isInterrupted)
    try forEachChunk(vocabularySize: all, silent) { _, ids throws(RecipeError) in
      for id in ids { largest = max(largest, id) }
    }
    return Int(largest)
  }

  /// Calls `body` with the index of the first id and the ids of each chunk, in order.
  func forEachChunk(
    vocabularySize: Int, _ observer: RunObserver,
    _ body: (Int, ArraySlice<UInt32>) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    var ids = [UInt32](repeating: 0, count: min(Self.chunk, count))
    var start = 0
    while start < count {
      if observer.isInterrupted() { throw .interrupted }
      let range = start..<min(start + Self.chunk, count)
      do {
        var span = ids.mutableSpan
        try array.readIDs(range, from: file.bytes, vocabularySize: vocabularySize, into: &span)
      } catch {
        throw .foreign(path: path, error)
      }
      do { try file.checkWhole() } catch { throw .file(path: path, error) }
      try body(start, ids[..<range.count])
      observer.advanced(range.count)
      start = range.upperBound
    }
  }
}
