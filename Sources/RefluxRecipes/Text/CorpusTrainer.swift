public import RefluxTokens

/// Trains a byte-level BPE tokenizer on a corpus.
public struct CorpusTrainer: Sendable {
  private let vocabularySize: Int
  private let field: String
  private let onBadLine: BadLinePolicy

  /// - Parameters:
  ///   - vocabularySize: the number of tokens wanted, within
  ///     `BytePairTrainer.allowedVocabularySizes`.
  ///   - field: the member of a JSON line that holds the text.
  ///   - onBadLine: what becomes of a line without a sound text.
  public init(
    vocabularySize: Int = 4096, field: String = "text", onBadLine: BadLinePolicy = .stop
  ) {
    self.onBadLine = onBadLine
    self.vocabularySize = vocabularySize
    self.field = field
  }

  /// Counts the words of `corpus`, then learns the merges.
  ///
  /// - Parameters:
  ///   - observer: hears of bytes of text while words are counted.
  ///   - merging: hears of merges afterwards.
  /// - Throws: `file`, `jsonLine`, `interrupted`, `noText`, and `tokenizer`; the last two name the
  ///   corpus's first path.
  /// - Complexity: one pass over the text on one thread, then that of `BytePairTrainer.train`.
  public func train(
    _ corpus: TextCorpus, observer: RunObserver = RunObserver(),
    merging: (TrainingProgress) -> Void = { _ in }
  ) throws(RecipeError) -> Tokenizer {
    var trainer = BytePairTrainer(vocabularySize: vocabularySize)
    let reader = CorpusReader(
      corpus: corpus, field: field, onBadLine: onBadLine, workers: 1,
      isInterrupted: observer.isInterrupted)
    try reader.forEachPiece { piece throws(RecipeError) in
      var texts: [[UInt8]] = []
      try reader.forEachText(in: piece) { texts.append($0) }
      return (texts, piece.range.count)
    } deliver: { texts, bytes throws(RecipeError) in
      for text in texts { trainer.add(text) }
      observer.advanced(bytes)
    }
    let tokenizer: Tokenizer
    do {
      tokenizer = try trainer.train(progress: merging)
    } catch .noText {
      throw .noText(
        path: corpus.files.first?.path ?? "", binaryFiles: corpus.passedOver.binaryFiles)
    } catch {
      throw .tokenizer(path: corpus.files.first?.path ?? "", error)
    }
    if observer.isInterrupted() { throw .interrupted }
    return tokenizer
  }
}
