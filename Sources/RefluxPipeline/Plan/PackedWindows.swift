/// Which pieces of documents share a window: a best fit of the longest first.
///
/// The documents are taken in groups whose pieces come to about 2^20 tokens, each packed by itself,
/// so that the pieces of a window lie near each other in the file. Documents are cut only where
/// they are longer than a window: into pieces of a whole window, and one of the rest. The same
/// documents always give the same windows.
///
/// - Complexity: one pass over the documents; 16 bytes per piece and 8 per window.
public struct PackedWindows: Sendable, Equatable {
  static let groupTokens = 1 << 20
  /// Tokens per window.
  let window: Int
  private var firsts: [Int] = []
  /// The length of each piece, doubled, and 1 where a document ends with it.
  private var lengths: [Int] = []
  /// The first piece of each window, and after the last one the number of pieces.
  private var starts: [Int] = [0]

  /// Packs documents.
  ///
  /// - Parameters:
  ///   - documentStarts: the first record of every document, ascending.
  ///   - tokenCount: the records of the store.
  ///   - window: tokens per window, at least 1.
  public init(documentStarts: [Int], tokenCount: Int, window: Int) {
    self.window = window
    var packer = BestFit(window: window)
    var (group, tokens): ([(first: Int, length: Int)], Int) = ([], 0)
    for piece in DocumentPieces(
      documentStarts: documentStarts, tokenCount: tokenCount, window: window)
    {
      let (records, ends) = (piece.records, piece.endsDocument)
      group.append((records.lowerBound, 2 * records.count + (ends ? 1 : 0)))
      tokens += records.count
      if ends, tokens >= Self.groupTokens {
        append(group, &packer)
        (group, tokens) = ([], 0)
      }
    }
    append(group, &packer)
  }

  /// The number of windows.
  public var count: Int { starts.count - 1 }
  /// Tokens in all windows.
  public var tokens: Int { lengths.reduce(0) { $0 + $1 / 2 } }

  /// The windows by their first records: a part of them is a part of the store. The packer's own
  /// order has the longest pieces first.
  func inStoreOrder() -> [Int] {
    (0..<count).sorted { firsts[starts[$0]] < firsts[starts[$1]] }
  }

  /// Calls `body` with the pieces of a window, in the order of their positions.
  func forEachPiece<Failure: Error>(
    of number: Int, _ body: (WindowPiece) throws(Failure) -> Void
  ) throws(Failure) {
    var position = 0
    for piece in starts[number]..<starts[number + 1] {
      let (length, end) = lengths[piece].quotientAndRemainder(dividingBy: 2)
      let records = firsts[piece]..<firsts[piece] + length
      try body(WindowPiece(records: records, position: position, endsDocument: end == 1))
      position += records.count
    }
  }

  private mutating func append(
    _ pieces: [(first: Int, length: Int)], _ packer: inout BestFit
  ) {
    // Long ones first; of one length in the order of the store.
    let order = pieces.indices.sorted {
      let (one, other) = (pieces[$0].length / 2, pieces[$1].length / 2)
      return one != other ? one > other : $0 < $1
    }
    var bins: [[Int]] = []
    packer.removeAll()
    for index in order {
      let bin = packer.place(pieces[index].length / 2)
      if bin == bins.count { bins.append([]) }
      bins[bin].append(index)
    }
    for bin in bins {
      for index in bin.sorted() {
        firsts.append(pieces[index].first)
        lengths.append(pieces[index].length)
      }
      starts.append(firsts.count)
    }
  }
}

/// A run of records within a window.
public struct WindowPiece: Equatable, Sendable {
  /// The records of the token store.
  public let records: Range<Int>
  /// The position in the window of the first of them.
  public let position: Int

  /// Whether a document ends with it; left open where windows are cut without regard to them.
  let endsDocument: Bool

  init(records: Range<Int>, position: Int, endsDocument: Bool = false) {
    self.records = records
    self.position = position
    self.endsDocument = endsDocument
  }
}
