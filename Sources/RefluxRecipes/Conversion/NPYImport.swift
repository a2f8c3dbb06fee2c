public import RefluxBytes
internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxStorage

/// A NumPy array of token ids in, sealed token store out.
///
/// Each row of an array of several axes is a document; with ``endOfText`` a document also ends
/// after each such id.
public struct NPYImport: Sendable {
  /// What an import wrote.
  public struct Summary: Equatable, Sendable {
    /// Ids in the store, which are all of the array.
    public var records: Int
    /// Documents in the store; none is empty.
    public var documents: Int
    /// The number of tokens as it was given, or the largest id plus 1.
    public var vocabularySize: Int
    /// The token store's fingerprint.
    public var fingerprint: UInt64
    /// What the array left open, in words.
    public var warnings: [ImportWarning]
  }

  /// Where the store goes; an older one stays until the new one is complete.
  public var output: String
  /// The number of tokens; nil takes the largest id plus 1.
  public var vocabularySize: Int?
  /// The id that ends a document; nil where the array has none.
  public var endOfText: UInt32?
  /// `Tokenizer.fingerprint` of the tokenizer that made the ids; 0 where it is not known.
  public var tokenizerHash: UInt64
  /// What imports, for the provenance.
  public var software = ""
  /// When, in seconds since 1970, for the provenance; 0 for unknown.
  public var created = 0

  /// Nothing is opened before ``run(_:observer:)``.
  public init(
    output: String, vocabularySize: Int? = nil, endOfText: UInt32? = nil,
    tokenizerHash: UInt64 = 0
  ) {
    self.output = output
    self.vocabularySize = vocabularySize
    self.endOfText = endOfText
    self.tokenizerHash = tokenizerHash
  }

  /// Reads the array at `path` and writes the store.
  ///
  /// - Parameter observer: hears of ids.
  /// - Throws: `file`, `emptyFile`, `foreign` for what is wrong with the array, `store`,
  ///   `interrupted`; nothing new is then under the output's name.
  /// - Complexity: one pass over the array, two without a vocabulary size; memory for the longest
  ///   document.
  public func run(
    _ path: String, observer: RunObserver = RunObserver()
  ) throws(RecipeError) -> Summary {
    let array = try IDArray(path: path)
    let vocabulary: Int
    if let vocabularySize {
      vocabulary = vocabularySize
    } else {
      vocabulary = try array.largestID(observer) + 1
    }
    var warnings: [ImportWarning] = []
    if vocabularySize == nil {
      warnings.append(.guessedVocabulary(vocabulary))
    }
    if endOfText == nil, array.rowLength == array.count {
      warnings.append(.oneDocument)
    }
    let target = try StoreTarget(
      path: output, vocabularySize: vocabulary,
      provenance: StoreProvenance(
        tokenizerHash: tokenizerHash, software: software, created: created))
    try copy(array, vocabulary: vocabulary, to: target, observer)
    let sealed = try target.seal()
    return Summary(
      records: target.tokens, documents: target.documents, vocabularySize: vocabulary,
      fingerprint: sealed.fingerprint, warnings: warnings)
  }

  private func copy(
    _ array: IDArray, vocabulary: Int, to target: StoreTarget, _ observer: RunObserver
  ) throws(RecipeError) {
    var open: [UInt32] = []
    try array.forEachChunk(vocabularySize: vocabulary, observer) { first, ids throws(RecipeError) in
      for (index, id) in ids.enumerated() {
        open.append(id)
        if id == endOfText || (first + index + 1).isMultiple(of: array.rowLength) {
          try target.append(open.span)
          open.removeAll(keepingCapacity: true)
        }
      }
    }
    if !open.isEmpty { try target.append(open.span) }
  }
}

/// What an import had to take for granted.
public enum ImportWarning: Sendable, Equatable, CustomStringConvertible {
  /// The size of the vocabulary follows from the largest id.
  case guessedVocabulary(Int)
  /// Nothing says where documents end.
  case oneDocument

  public var description: String {
    switch self {
    case .guessedVocabulary(let size):
      "the vocabulary of \(size) tokens was taken from the largest id; name it"
    case .oneDocument: "the whole array is one document; name the id that ends documents"
    }
  }

  /// What would have said it.
  public var remedy: Remedy {
    switch self {
    case .guessedVocabulary: .nameVocabulary
    case .oneDocument: .nameEndOfText
    }
  }
}
