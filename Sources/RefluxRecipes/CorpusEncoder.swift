public import RefluxTokens

/// Turns a corpus into documents of token ids, on all workers, in the order of the corpus.
///
/// Each file, or each line of a JSON Lines file, is one document, with the tokenizer's end-of-text
/// token behind it where the tokenizer has one. Documents without bytes are left out.
public struct CorpusEncoder: Sendable {
  private let tokenizer: Tokenizer
  private let field: String
  private let workers: Int

  /// - Parameters:
  ///   - field: the member of a JSON line that holds the text.
  ///   - workers: threads that encode; the documents do not depend on it.
  public init(tokenizer: Tokenizer, field: String = "text", workers: Int = Self.processors) {
    precondition(workers > 0, "no worker")
    self.tokenizer = tokenizer
    self.field = field
    self.workers = workers
  }

  /// The processors of this machine.
  public static var processors: Int { ProcessorCount.active }

  /// Encodes every document of `corpus` and calls `deliver` with its ids, in order.
  ///
  /// - Parameter observer: hears of bytes of text.
  /// - Throws: `file`, `jsonLine`, `interrupted`, and what `deliver` throws.
  /// - Complexity: linear in the text; memory for 16 MiB of text and for the ids of the longest
  ///   document.
  public func encode(
    _ corpus: TextCorpus, observer: RunObserver = RunObserver(),
    deliver: (Span<UInt32>) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    let reader = CorpusReader(
      corpus: corpus, field: field, workers: workers, isInterrupted: observer.isInterrupted)
    var open: [UInt32] = []
    try reader.forEachPiece { piece throws(RecipeError) in
      let encoded = try encode(piece, reader)
      observer.advanced(piece.range.count)
      return encoded
    } deliver: { encoded throws(RecipeError) in
      try encoded.forEachDocument(continuing: &open, deliver)
    }
  }

  private func encode(
    _ piece: TextPiece, _ reader: CorpusReader
  ) throws(RecipeError) -> EncodedPiece {
    var encoded = EncodedPiece()
    let isLines = piece.file.layout == .jsonLines
    try reader.forEachText(in: piece) { text in
      if text.isEmpty { return }
      encoded.ids += tokenizer.encode(text)
      if isLines { end(&encoded) }
    }
    if !isLines && piece.endsDocument { end(&encoded) }
    return encoded
  }

  private func end(_ encoded: inout EncodedPiece) {
    if let endOfText = tokenizer.endOfText { encoded.ids.append(endOfText) }
    encoded.documentEnds.append(encoded.ids.count)
  }
}

/// The ids of a piece and where documents end in them; what follows the last end goes on in the
/// next piece.
private struct EncodedPiece: Sendable {
  var ids: [UInt32] = []
  var documentEnds: [Int] = []

  /// Hands on each document that ends here; `open` is what earlier pieces left of the first.
  func forEachDocument(
    continuing open: inout [UInt32], _ deliver: (Span<UInt32>) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    var start = 0
    for end in documentEnds {
      if open.isEmpty {
        try deliver(ids.span.extracting(start..<end))
      } else {
        open += ids[start..<end]
        try deliver(open.span)
        open.removeAll(keepingCapacity: true)
      }
      start = end
    }
    open += ids[start...]
  }
}
