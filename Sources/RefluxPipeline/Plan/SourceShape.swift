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
  /// The windows in which some token counts, ascending; nil for all.
  private(set) var kept: [Int]?

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
    kept?.count ?? packed?.count ?? (max(tokenCount - 1, 0) + (hasTail ? window - 1 : 0)) / window
  }

  /// The records that the first windows reach to, of which all but the last one's label are needed.
  func recordCount(ofWindows count: Int, window: Int) -> Int {
    let count = kept.map { ($0.last ?? -1) + 1 } ?? count
    return packed == nil ? min(count * window, max(tokenCount - 1, 0)) : tokenCount
  }

  /// Leaves out the windows in which no token counts.
  ///
  /// - Complexity: one pass over the weights; 8 bytes for each window that is kept.
  mutating func keepWindows(of weights: TokenWeights, window: Int) throws(StoreError) {
    self.kept = nil
    let reader = weights.makeReader()
    var kept: [Int] = []
    for number in 0..<windowCount(window) {
      var counts = false
      try forEachPiece(of: number, window: window) { piece throws(StoreError) in
        if counts { return }
        try reader.forEach(in: piece.records) { if $1 > 0 { counts = true } }
      }
      if counts { kept.append(number) }
    }
    self.kept = kept
  }

  /// The store's number of a window among those that are kept.
  func window(_ number: Int) -> Int { kept?[number] ?? number }

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
