public import RefluxTokens

/// Turns a corpus into documents of token ids, on all workers, in the order of the corpus.
///
/// Each file, or each line of a JSON Lines file, is one document in the given form. Documents
/// without bytes are left out.
public struct CorpusEncoder: Sendable {
  /// What encoding met that a user may want to know of.
  public struct Counts: Equatable, Sendable {
    /// Sums over all documents.
    public internal(set) var texts = EncodingCounts()
    /// Documents that hold the content of a special token as ordinary text.
    public internal(set) var documentsWithSpecialText = 0
    /// What became of bad lines.
    public internal(set) var lines = LineCounts()
  }

  private let tokenizer: Tokenizer
  private let form: DocumentForm
  private let field: String
  private let onBadLine: BadLinePolicy
  private let workers: Int

  /// - Parameters:
  ///   - form: what stands around each text; what the tokenizer's file says where it is nil.
  ///   - field: the member of a JSON line that holds the text.
  ///   - workers: threads that encode; the documents do not depend on it.
  public init(
    tokenizer: Tokenizer, form: DocumentForm? = nil, field: String = "text",
    onBadLine: BadLinePolicy = .stop,
    workers: Int = ProcessorCount.active
  ) {
    precondition(workers > 0, "no worker")
    self.onBadLine = onBadLine
    self.tokenizer = tokenizer
    self.form = form ?? DocumentForm(tokenizer)
    self.field = field
    self.workers = workers
  }

  /// Encodes every document of `corpus` and calls `deliver` with its ids, in order; returns what
  /// became of bad lines.
  ///
  /// - Parameter observer: hears of bytes of text.
  /// - Throws: `file`, `jsonLine`, `interrupted`, and what `deliver` throws.
  /// - Complexity: linear in the text; memory for 16 MiB of text and for the ids of the longest
  ///   document.
  @discardableResult
  public func encode(
    _ corpus: TextCorpus, observer: RunObserver = RunObserver(),
    deliver: (Span<UInt32>) throws(RecipeError) -> Void
  ) throws(RecipeError) -> Counts {
    let reader = CorpusReader(
      corpus: corpus, field: field, onBadLine: onBadLine, workers: workers,
      cutter: TextCutter(tokenizer), isInterrupted: observer.isInterrupted)
    var open = OpenDocument()
    try reader.forEachPiece { piece throws(RecipeError) in
      let encoded = try encode(piece, reader)
      observer.advanced(piece.range.count)
      return encoded
    } deliver: { encoded throws(RecipeError) in
      try open.take(encoded, deliver)
    }
    return open.counts
  }

  private func encode(
    _ piece: TextPiece, _ reader: CorpusReader
  ) throws(RecipeError) -> EncodedPiece {
    var encoded = EncodedPiece()
    let isLines = piece.file.layout == .jsonLines
    let options = Tokenizer.EncodingOptions(
      parsesSpecial: form.parsesSpecial, isContinuing: !isLines && piece.range.lowerBound > 0)
    encoded.lines = try reader.forEachText(in: piece) { text in
      if text.isEmpty { return }
      if !options.isContinuing { encoded.ids += form.start }
      var counts = EncodingCounts()
      tokenizer.encode(text.span, options, into: &encoded.ids, counting: &counts)
      encoded.add(counts)
      if isLines { end(&encoded) }
    }
    if !isLines && piece.endsDocument { end(&encoded) }
    return encoded
  }

  private func end(_ encoded: inout EncodedPiece) {
    if let end = form.end { encoded.ids.append(end) }
    encoded.endDocument()
  }
}

/// The ids of a piece and where documents end in them; what follows the last end continues in the
/// next piece.
private struct EncodedPiece: Sendable {
  var ids: [UInt32] = []
  private(set) var documentEnds: [Int] = []
  private(set) var counts = EncodingCounts()
  var lines = LineCounts()
  /// For each document that ends here, and for the last one that does not, whether special tokens
  /// stand in it as text.
  private(set) var holdsSpecialText = [false]

  mutating func add(_ counts: EncodingCounts) {
    self.counts += counts
    if counts.specialTexts > 0 { holdsSpecialText[documentEnds.count] = true }
  }

  mutating func endDocument() {
    documentEnds.append(ids.count)
    holdsSpecialText.append(false)
  }
}

/// The document that pieces have left open, and the counts of those before it.
private struct OpenDocument {
  private var ids: [UInt32] = []
  private var holdsSpecialText = false
  private(set) var counts = CorpusEncoder.Counts()

  /// Hands on each document that ends in `piece` and keeps what follows.
  mutating func take(
    _ piece: EncodedPiece, _ deliver: (Span<UInt32>) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    counts.texts += piece.counts
    counts.lines += piece.lines
    var start = 0
    for (index, end) in piece.documentEnds.enumerated() {
      if holdsSpecialText || piece.holdsSpecialText[index] { counts.documentsWithSpecialText += 1 }
      holdsSpecialText = false
      if ids.isEmpty {
        try deliver(piece.ids.span.extracting(start..<end))
      } else {
        ids += piece.ids[start..<end]
        try deliver(ids.span)
        ids.removeAll(keepingCapacity: true)
      }
      start = end
    }
    ids += piece.ids[start...]
    if piece.holdsSpecialText[piece.documentEnds.count] { holdsSpecialText = true }
  }
}

/// What stands around the text of a document in a token store, and what counts as text in it.
public struct DocumentForm: Equatable, Sendable {
  /// The ids before each document.
  public var start: [UInt32]
  /// The id after each document, where there is one.
  public var end: UInt32?
  /// Whether the content of a special token in a text stands for the token.
  public var parsesSpecial = false

  /// What the tokenizer's post-processor puts before a text, and its end-of-text token after it.
  public init(_ tokenizer: Tokenizer) {
    start = tokenizer.frame.before
    end = tokenizer.endOfText
  }
}
