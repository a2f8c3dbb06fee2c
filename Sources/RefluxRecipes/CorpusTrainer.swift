public import RefluxTokens

/// Trains a tokenizer on a corpus.
public enum CorpusTrainer {
  /// - Parameters:
  ///   - field: the member of a JSON line that holds the text.
  ///   - observer: hears of bytes of text while they are counted.
  ///   - merges: called with the merges made and to make while the vocabulary grows.
  /// - Throws: `file`, `jsonLine`, `tokenizer`, `interrupted`.
  /// - Complexity: one pass over the text, then the merges; memory for the distinct words.
  public static func train(
    _ corpus: TextCorpus, vocabularySize: Int, field: String = "text",
    observer: RunObserver = RunObserver(),
    merges: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws(RecipeError) -> Tokenizer {
    fatalError()
  }
}
