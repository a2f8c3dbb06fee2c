/// One training run: the words as symbols, the counts of their pairs, and the queue of the best
/// pair.
///
/// Counts are kept exact by local changes at every merge; entries of the queue may be out of date
/// and are put right when they come out.
struct PairTraining {
  private struct Candidate: Comparable {
    var count: Int
    var pair: TokenPair

    static func < (one: Candidate, other: Candidate) -> Bool {
      one.count != other.count ? one.count > other.count : one.pair < other.pair
    }
  }

  private(set) var model: TokenizerModel

  private let minimumCount: Int
  /// The symbols of all words, one word after the other; a word shrinks in its place.
  private var symbols: [UInt32] = []
  private var wordStarts: [Int] = []
  private var wordLengths: [Int] = []
  private let wordCounts: [Int]
  private var pairs = PairTable(minimumCapacity: 1 << 12)
  private var pairCounts: [Int] = []
  /// The words that have had a pair; a word may come twice and may have lost the pair since.
  private var pairWords: [[UInt32]] = []
  /// The pairs whose count grew in this round, and for every pair the last round in which it did.
  private var grown: [Int] = []
  private var grownRounds: [Int] = []
  private var round = 0
  private var ids: [[UInt8]: UInt32] = [:]
  private var queue = BinaryHeap<Candidate>()

  init(words: WordTable, counts: [Int], minimumCount: Int) {
    self.minimumCount = minimumCount
    wordCounts = counts
    model = PairTraining.startingModel()
    for (id, bytes) in model.tokens.enumerated() where bytes.count == 1 { ids[bytes] = UInt32(id) }
    fillSymbols(words)
    for word in wordStarts.indices { countPairs(of: word) }
    grown.removeAll()
    round += 1
    queue = BinaryHeap(
      pairs.pairs.indices.map { Candidate(count: pairCounts[$0], pair: pairs.pairs[$0]) })
  }

  /// Merges the best pair everywhere; false where no pair is left that comes often enough.
  mutating func mergeNext() -> Bool {
    while let best = queue.pop() {
      guard let index = pairs.find(best.pair) else { continue }
      let count = pairCounts[index]
      if count < minimumCount { continue }
      if count != best.count {
        queue.push(Candidate(count: count, pair: best.pair))
        continue
      }
      merge(best.pair, index: index)
      return true
    }
    return false
  }

  /// `<|endoftext|>` and the bytes.
  private static func startingModel() -> TokenizerModel {
    let endOfText = "<|endoftext|>"
    return TokenizerModel(
      tokens: [Array(endOfText.utf8)] + ByteAlphabet.bytesByScalar.map { [$0] },
      isInVocabulary: Array(repeating: true, count: 257),
      merges: MergeTable(),
      addedTokens: [AddedToken(id: 0, content: endOfText, isSpecial: true)])
  }

  private mutating func fillSymbols(_ words: WordTable) {
    var byteIDs = [UInt32](repeating: 0, count: 256)
    for (index, byte) in ByteAlphabet.bytesByScalar.enumerated() {
      byteIDs[Int(byte)] = UInt32(index + 1)
    }
    symbols.reserveCapacity(words.byteCount)
    for word in 0..<words.count {
      wordStarts.append(symbols.count)
      for byte in words[word] { symbols.append(byteIDs[Int(byte)]) }
      wordLengths.append(symbols.count - wordStarts[word])
    }
  }

  private mutating func countPairs(of word: Int) {
    let start = wordStarts[word]
    for place in start..<start + wordLengths[word] - 1 {
      change(TokenPair(symbols[place], symbols[place + 1]), by: wordCounts[word], in: word)
    }
  }

  // MARK: One merge

  private mutating func merge(_ pair: TokenPair, index: Int) {
    let product = product(of: pair)
    let words = pairWords[index]
    pairWords[index] = []
    for word in words { merge(pair, to: product, in: Int(word)) }
    pairCounts[index] = 0
    for index in grown {
      queue.push(Candidate(count: pairCounts[index], pair: pairs.pairs[index]))
    }
    grown.removeAll(keepingCapacity: true)
    round += 1
  }

  /// The token that the merge makes: a new one, unless another pair made the same bytes before.
  private mutating func product(of pair: TokenPair) -> UInt32 {
    let bytes = model.tokens[Int(pair.left)] + model.tokens[Int(pair.right)]
    let product = ids[bytes] ?? UInt32(model.tokens.count)
    if product == model.tokens.count {
      ids[bytes] = product
      model.tokens.append(bytes)
      model.isInVocabulary.append(true)
    }
    // A pair can come back when a later merge makes one of its tokens again; its merge stays where
    // it stands.
    _ = model.merges.append(pair, product: product)
    return product
  }

  private mutating func merge(_ pair: TokenPair, to product: UInt32, in word: Int) {
    let start = wordStarts[word]
    let end = start + wordLengths[word]
    let count = wordCounts[word]
    var place = start
    var kept = start
    while place < end {
      guard place + 1 < end, symbols[place] == pair.left, symbols[place + 1] == pair.right else {
        symbols[kept] = symbols[place]
        kept += 1
        place += 1
        continue
      }
      if kept > start {
        change(TokenPair(symbols[kept - 1], pair.left), by: -count, in: word)
        change(TokenPair(symbols[kept - 1], product), by: count, in: word)
      }
      if place + 2 < end {
        change(TokenPair(pair.right, symbols[place + 2]), by: -count, in: word)
        change(TokenPair(product, symbols[place + 2]), by: count, in: word)
      }
      symbols[kept] = product
      kept += 1
      place += 2
    }
    wordLengths[word] = kept - start
  }

  /// Adds to the count of a pair, and notes the word and the pair where the count grew.
  private mutating func change(_ pair: TokenPair, by count: Int, in word: Int) {
    let (index, isNew) = pairs.insert(pair)
    if isNew {
      pairCounts.append(0)
      pairWords.append([])
      grownRounds.append(-1)
    }
    pairCounts[index] += count
    guard count > 0, pairWords[index].last != UInt32(word) else { return }
    pairWords[index].append(UInt32(word))
    if grownRounds[index] < round {
      grownRounds[index] = round
      grown.append(index)
    }
  }
}
