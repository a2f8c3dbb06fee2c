public import RefluxStorage

/// The ids that a store's documents begin and end with, as far as they agree: what training sees as
/// the start and the end of a text, whoever put it there.
public struct DocumentMarks: Equatable, Sendable {
  /// The first id of each document that was looked at; nil where they differ.
  public var beginning: UInt32?
  /// Their last id; nil where they differ.
  public var end: UInt32?

  /// No agreement.
  public init(beginning: UInt32? = nil, end: UInt32? = nil) {
    self.beginning = beginning
    self.end = end
  }

  /// Looks at the first documents of a store, at most 64.
  ///
  /// An id of ordinary text may stand there by chance where there are few: ask whether it is one of
  /// the tokenizer's added tokens.
  ///
  /// - Throws: what reading throws.
  /// - Complexity: some reads of a block each.
  public init(_ tokens: TokenStore) throws(StoreError) {
    self.init()
    let reader = tokens.makeReader(cacheBytes: 1 << 20)
    var record = 0
    for number in 0..<min(tokens.documentCount, 64) {
      guard let records = try tokens.document(of: record)?.records else { return }
      let first = try reader.read(records.lowerBound..<records.lowerBound + 1)[0]
      let last = try reader.read(records.upperBound - 1..<records.upperBound)[0]
      beginning = number == 0 || beginning == first ? first : nil
      end = number == 0 || end == last ? last : nil
      record = records.upperBound
    }
  }
}
