public import RefluxFiles
internal import RefluxStorage
public import RefluxTokens

/// Text in, sealed token store out.
public struct TokenizeRecipe: Sendable {
  /// Where the store goes; an older one is replaced when the new one is complete.
  public var output: String
  /// The member of a JSON line that holds the text.
  public var field: String
  /// Threads that encode; the store does not depend on it.
  public var workers: Int
  /// Where a copy of the tokenizer goes, just before the store is sealed; nil for none.
  public var tokenizerOutput: String?

  public init(
    output: String, field: String = "text", workers: Int = CorpusEncoder.processors,
    tokenizerOutput: String? = nil
  ) {
    self.output = output
    self.field = field
    self.workers = workers
    self.tokenizerOutput = tokenizerOutput
  }

  /// Encodes `corpus` and writes the store.
  ///
  /// - Parameter observer: hears of bytes of text.
  /// - Throws: any ``RecipeError``; the store is then not there, or is the older one.
  /// - Complexity: see ``CorpusEncoder/encode(_:observer:deliver:)``.
  public func run(
    _ corpus: TextCorpus, _ tokenizer: Tokenizer, observer: RunObserver = RunObserver()
  ) throws(RecipeError) -> TokenizeSummary {
    let writer = try store { () throws(StoreError) in
      try TokenStoreWriter(
        path: output, vocabularySize: tokenizer.vocabularySize,
        provenance: provenance(tokenizer))
    }
    var documents = 0
    let encoder = CorpusEncoder(tokenizer: tokenizer, field: field, workers: workers)
    try encoder.encode(corpus, observer: observer) { ids throws(RecipeError) in
      documents += 1
      try store { () throws(StoreError) in try writer.append(document: ids) }
    }
  }
}
