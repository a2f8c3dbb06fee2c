/// The pieces that documents are cut into where a window holds no more: as many of a whole window
/// as there are, and one of the rest.
///
/// Teacher and student both take them from here: a token sees the same text of its document before
/// it, whatever else its window holds.
public struct DocumentPieces: Sequence, IteratorProtocol {
  /// A run of records that stands for itself.
  public struct Piece: Equatable, Sendable {
    /// 1...window records of one document.
    public let records: Range<Int>
    /// Whether a document ends with it.
    public let endsDocument: Bool
  }

  private let starts: [Int]
  private let tokenCount: Int
  private let window: Int
  private var number = 0
  private var first = 0

  /// - Parameters:
  ///   - starts: the first record of every document, ascending; what stands before the first one
  ///     is a document too: the end of one that began in an earlier shard.
  ///   - tokenCount: the records of the store.
  ///   - window: tokens of a window, at least 1.
  public init(documentStarts starts: [Int], tokenCount: Int, window: Int) {
    self.starts = starts
    self.tokenCount = tokenCount
    self.window = window
    number = starts.first == 0 ? 1 : 0
  }

  /// The next piece, in the order of the records.
  public mutating func next() -> Piece? {
    while first < tokenCount {
      let end = number < starts.count ? starts[number] : tokenCount
      if first == end {
        number += 1
        continue
      }
      let last = Swift.min(first + window, end)
      defer { first = last }
      return Piece(records: first..<last, endsDocument: last == end)
    }
    return nil
  }
}
