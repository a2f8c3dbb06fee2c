internal import RefluxFiles
internal import RefluxStorage
public import RefluxTokens

/// Text in, sealed token store out.
public struct TokenizeRecipe: Sendable {
  /// Where the store goes; an older one stays until the new one is complete.
  public var output: String
  /// The member of a JSON line that holds the text.
  public var field: String
  /// What stands around each document; what the tokenizer's file says where it is nil.
  public var form: DocumentForm?
  /// What becomes of a line without a sound text.
  public var onBadLine = BadLinePolicy.stop
  /// Threads that encode; the store does not depend on it.
  public var workers: Int
  /// Where a copy of the tokenizer goes, just before the store is sealed; nil for none.
  public var tokenizerOutput: String?
  /// Ids of the models that the store is for, where padding makes them more than the tokenizer's.
  public var vocabularySize: Int?
  /// What tokenizes, for the provenance.
  public var software = ""
  /// When, in seconds since 1970, for the provenance; 0 for unknown.
  public var created = 0

  /// Nothing is opened before the recipe runs.
  public init(
    output: String, field: String = "text", workers: Int = ProcessorCount.active,
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
  /// - Throws: any ``RecipeError``; nothing new is then under the output's name.
  /// - Complexity: see ``CorpusEncoder/encode(_:observer:deliver:)``.
  public func run(
    _ corpus: TextCorpus, _ tokenizer: Tokenizer, observer: RunObserver = RunObserver()
  ) throws(RecipeError) -> TokenizeSummary {
    let target = try StoreTarget(
      path: output, vocabularySize: max(vocabularySize ?? 0, tokenizer.vocabularySize),
      knownVocabulary: tokenizer.vocabularySize,
      provenance: StoreProvenance(
        tokenizerHash: tokenizer.fingerprint, software: software, created: created))
    let encoder = CorpusEncoder(
      tokenizer: tokenizer, form: form, field: field, onBadLine: onBadLine, workers: workers)
    let counts = try encoder.encode(corpus, observer: observer) { ids throws(RecipeError) in
      try target.append(ids)
    }
    if target.documents == 0 {
      throw .noText(
        path: corpus.files.first?.path ?? output, binaryFiles: corpus.passedOver.binaryFiles)
    }
    try save(tokenizer)
    let sealed = try target.seal()
    return TokenizeSummary(
      tokens: target.tokens, documents: target.documents, bytes: corpus.byteCount,
      counts: counts, fingerprint: sealed.fingerprint)
  }

  private func save(_ tokenizer: Tokenizer) throws(RecipeError) {
    guard let path = tokenizerOutput else { return }
    do {
      try FileSystem.writeFile(path: path, bytes: tokenizer.json())
    } catch {
      throw .file(path: path, error)
    }
  }
}

/// What a tokenize run wrote.
public struct TokenizeSummary: Equatable, Sendable {
  /// Ids in the store, end-of-text included.
  public var tokens: Int
  public var documents: Int
  /// Bytes of text read.
  public var bytes: Int
  /// What encoding met.
  public var counts: CorpusEncoder.Counts
  /// The token store's fingerprint.
  public var fingerprint: UInt64
}
