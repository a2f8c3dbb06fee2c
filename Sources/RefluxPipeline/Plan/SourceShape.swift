public import RefluxStorage
public import RefluxTargets

/// What a plan knows of a store: names and numbers, no data.
public struct SourceShape: Sendable, Equatable {
  /// What errors and reports call it.
  public let name: String
  /// Tokens in the store.
  public let tokenCount: Int
  /// The fingerprint of the tokens.
  public let fingerprint: UInt64
  /// The windows where documents are packed; nil where every window is L tokens of the store.
  public let packed: PackedWindows?

  /// - Parameters:
  ///   - name: what errors and reports call it.
  ///   - tokenCount: tokens in the store.
  ///   - fingerprint: what names the tokens.
  ///   - packed: the windows of packed documents.
  public init(
    name: String, tokenCount: Int, fingerprint: UInt64 = 0, packed: PackedWindows? = nil
  ) {
    self.name = name
    self.tokenCount = tokenCount
    self.fingerprint = fingerprint
    self.packed = packed
  }

  /// The shape of a store.
  ///
  /// - Throws: `tokens` where the starts of its documents cannot be read.
  /// - Complexity: constant; where documents are packed that of ``PackedWindows``.
  public init(
    _ tokens: TokenStore, name: String, window: Int, packing: Packing
  ) throws(FeedError) {
    self.name = name
    tokenCount = tokens.count
    fingerprint = tokens.fingerprint
    if packing == .bestFit {
      do throws(StoreError) {
        packed = PackedWindows(
          documentStarts: try tokens.documentStarts(), tokenCount: tokens.count, window: window)
      } catch {
        throw .source(name, error)
      }
    } else {
      packed = nil
    }
  }

  /// Windows of `window` tokens; those of packed documents have been counted already.
  ///
  /// - Parameter hasTail: whether the last tokens, too few for a window, are one.
  func windowCount(_ window: Int, hasTail: Bool = false) -> Int {
    packed?.count ?? (max(tokenCount - 1, 0) + (hasTail ? window - 1 : 0)) / window
  }

  /// The records that the first windows reach to, of which all but the last one's label are needed.
  func recordCount(ofWindows count: Int, window: Int) -> Int {
    packed == nil ? min(count * window, max(tokenCount - 1, 0)) : tokenCount
  }

  /// Calls `body` with the pieces of a window; the last one ends before the last token, which has
  /// no label.
  func forEachPiece<Failure: Error>(
    of number: Int, window: Int, _ body: (WindowPiece) throws(Failure) -> Void
  ) throws(Failure) {
    if let packed { return try packed.forEachPiece(of: number, body) }
    let records = number * window..<min((number + 1) * window, tokenCount - 1)
    try body(WindowPiece(records: records, position: 0))
  }
}
