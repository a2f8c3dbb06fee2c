/// Learns a byte-level BPE from text.
///
/// The rule is that of Hugging Face's `BpeTrainer` with the byte-level alphabet: the pair that
/// stands side by side most often is merged next, and of equally frequent pairs the one with the
/// smaller left id, then the smaller right id. Ids are `<|endoftext|>` 0, the 256 bytes in the
/// order of their letters (GPT-2's), then one for each merge. The result depends on the text alone,
/// neither on the order of the documents nor on the machine.
public struct BytePairTrainer: Sendable {
  /// The vocabularies that can be trained: all bytes, `<|endoftext|>`, and what every store can
  /// hold.
  public static let allowedVocabularySizes = 257...TokenizerModel.vocabularyLimit

  /// The number of tokens wanted, `<|endoftext|>` and the bytes included.
  public let vocabularySize: Int
  /// Pairs that come less often are never merged.
  public let minimumCount: Int
  /// The number of bytes added so far.
  public private(set) var byteCount = 0

  private let scanner = WordScanner()
  private var words = WordTable(minimumCapacity: 1 << 12)
  private var counts: [Int] = []

  /// A trainer without text.
  ///
  /// - Parameters:
  ///   - vocabularySize: The number of tokens wanted.
  ///   - minimumCount: The least number of times a pair must come to be merged.
  public init(vocabularySize: Int = 4096, minimumCount: Int = 2) {
    self.vocabularySize = vocabularySize
    self.minimumCount = max(1, minimumCount)
  }

  /// Counts the words of one document.
  ///
  /// - Complexity: Linear in time; memory grows with the distinct words, about 30 bytes and their
  ///   own for each.
  public mutating func add(_ bytes: Span<UInt8>) {
    byteCount += bytes.count
    var start = 0
    while start < bytes.count {
      let end = scanner.endOfWord(from: start, in: bytes)
      let (index, isNew) = words.insert(start..<end, in: bytes)
      if isNew { counts.append(0) }
      counts[index] += 1
      start = end
    }
  }

  /// Counts the words of one document.
  public mutating func add(_ bytes: [UInt8]) { add(bytes.span) }

  /// Learns the merges.
  ///
  /// - Parameter progress: Called now and then, and once at the end.
  /// - Returns: A tokenizer of at most `vocabularySize` tokens: fewer where no pair comes
  ///   `minimumCount` times any more.
  /// - Throws: `TokenizerError.vocabularySize` beyond ``allowedVocabularySizes``,
  ///   `TokenizerError.noText` where nothing was added.
  /// - Complexity: About 10 bytes for each byte of distinct words, and some seconds for 50 MB of
  ///   code.
  public func train(
    progress: (TrainingProgress) -> Void = { _ in }
  ) throws(TokenizerError) -> Tokenizer {
    guard BytePairTrainer.allowedVocabularySizes.contains(vocabularySize) else {
      throw .vocabularySize(
        found: vocabularySize, allowed: BytePairTrainer.allowedVocabularySizes)
    }
    guard byteCount > 0 else { throw .noText }
    var training = PairTraining(words: words, counts: counts, minimumCount: minimumCount)
    while training.model.tokens.count < vocabularySize, training.mergeNext() {
      if training.model.merges.count % 64 == 0 { progress(report(training)) }
    }
    progress(report(training))
    return try Tokenizer(model: training.model)
  }

  private func report(_ training: PairTraining) -> TrainingProgress {
    TrainingProgress(
      merges: training.model.merges.count,
      totalMerges: vocabularySize - BytePairTrainer.allowedVocabularySizes.lowerBound)
  }
}

/// How far the training of a tokenizer is.
public struct TrainingProgress: Equatable, Sendable {
  /// Merges learnt so far.
  public var merges: Int
  /// Merges wanted; fewer are learnt where the text has no more pairs.
  public var totalMerges: Int
}
