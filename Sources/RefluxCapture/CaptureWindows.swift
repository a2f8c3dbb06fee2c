internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets

/// How a teacher sees a token store: its windows, in order and without gaps.
struct CaptureWindows: Sendable {
  /// Tokens of a window at most.
  let length: Int
  /// Windows of a group.
  let batch: Int
  let tokens: Int
  /// The first record of each window where they are not all of one length.
  private let starts: [Int]?

  /// - Throws: what reading the documents of the store throws, where the packing asks for them.
  init(
    _ tokens: TokenStore, length: Int, batch: Int, packing: Packing
  ) throws(StoreError) {
    self.length = length
    self.batch = batch
    self.tokens = tokens.count
    starts =
      packing == .bestFit
      ? Self.filled(try tokens.documentStarts(), tokens: tokens.count, length: length) : nil
  }

  /// Pieces of documents, at most `length` tokens each, put into one window as long as the next one
  /// fits: the order of the records stays.
  static func filled(_ documents: [Int], tokens: Int, length: Int) -> [Int] {
    var starts = [0]
    let pieces = DocumentPieces(documentStarts: documents, tokenCount: tokens, window: length)
    for piece in pieces where piece.records.upperBound - starts[starts.count - 1] > length {
      starts.append(piece.records.lowerBound)
    }
    return starts
  }

  var count: Int { starts?.count ?? (tokens + length - 1) / length }

  /// The first record of a window, `count` included.
  func start(_ window: Int) -> Int {
    if window >= count { return tokens }
    return starts?[window] ?? window * length
  }

  /// The window of a record.
  func window(of record: Int) -> Int {
    guard let starts else { return record / length }
    var (low, high) = (0, starts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= record { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The windows that a record is captured with: groups start at multiples of the batch, so that
  /// a capture that resumes computes with the same shapes, and so to the same bits, as one that
  /// never stopped.
  func group(of record: Int) -> [Range<Int>] {
    let first = window(of: record) / batch * batch
    return (first..<min(first + batch, count)).map { start($0)..<start($0 + 1) }
  }

  /// A few windows from that of a record on.
  func some(_ count: Int, from record: Int) -> [Range<Int>] {
    let first = window(of: record)
    return (first..<min(first + count, self.count)).map { start($0)..<start($0 + 1) }
  }

  /// The records of one of several parts of about the same number of windows, which meet between
  /// groups where there are enough of those.
  func part(_ part: CapturePart) throws(CaptureError) -> Range<Int> {
    let groups = (count + batch - 1) / batch
    let unit = groups >= part.count ? batch : 1
    let units = unit == 1 ? count : groups
    guard part.count >= 1, (0..<part.count).contains(part.index), part.count <= units else {
      throw .configuration(
        name: "part", found: "\(part.index) of \(part.count)",
        expected: "K of N with K from 0 to N - 1 and N at most the \(count) windows")
    }
    return start(
      part.index * units / part.count * unit)..<start(
        (part.index + 1) * units / part.count * unit)
  }
}
