internal import RefluxBytes

/// A BPE tokenizer with ranked merges, of one of two kinds.
///
/// Byte-level, as GPT-2's: words by pattern, bytes as first symbols. Every byte string can be
/// encoded, and `decode(encode(x)) == x` for each of them. Over characters, as SentencePiece makes
/// them and Llama 2, Mistral and Gemma have them: spaces are written U+2581, characters without a
/// token are spelled in bytes. U+2581 in a text comes back as a space; where the file says so the
/// text gets a space before it, which decoding takes away.
///
/// Bytes that are no UTF-8 are kept. The words of a text, and so its tokens, depend on the text and
/// the file alone. A value may be used from several threads at once.
public struct Tokenizer: Sendable {
  /// The tokens outside the merges, by ascending id.
  public let addedTokens: [AddedToken]
  /// What the file's post-processor puts around a text; `encode` does not.
  public let frame: TextFrame
  /// What names the tokenizer in stores: equal for files that give every text the same ids, however
  /// they were written (Formats/Store/SPEC.md, section 8.2).
  public let fingerprint: UInt64

  let model: TokenizerModel
  let merges: MergeTable
  /// The first symbols of a byte-level tokenizer.
  let bytes: ByteSymbols
  let wholeWords: WholeWords?
  let pieces: PieceAlphabet?
  let scanner: WordScanner
  let added: AddedVocabulary
  let crossings = MergeCrossings()
  /// ``longestStretch``, less in tests.
  var stretchLimit = Tokenizer.longestStretch
  let pool = EncodingScratchPool()

  /// Checks `model` and makes its tables.
  init(model: TokenizerModel) throws(TokenizerError) {
    self.model = model
    merges = model.merges
    scanner = WordScanner(model.pattern)
    addedTokens = model.addedTokens
    frame = model.frame
    let vocabulary = model.vocabulary
    if let (form, ids) = model.pieces {
      let known = Set(ids)
      pieces = PieceAlphabet(
        form, byteIDs: ids, vocabulary: vocabulary.filter { !known.contains($0.id) })
    } else {
      pieces = nil
    }
    bytes = ByteSymbols(
      tokens: model.pieces?.byteIDs.map(Optional.some) ?? Tokenizer.byteIDs(vocabulary),
      gaps: model.gaps)
    wholeWords = model.ignoresMerges ? WholeWords(vocabulary) : nil
    added = try AddedVocabulary(
      model.addedTokens, canonical: model.isCanonical ? .shared : nil, form: model.pieces?.form)
    fingerprint = model.fingerprint
  }

  /// Whether a store's tokenizer hash is this tokenizer's: its fingerprint, or XXH64 of ``json()``,
  /// which stores of before there were fingerprints hold.
  ///
  /// - Complexity: constant where it is the fingerprint, else that of ``json()``.
  public func isNamed(by hash: UInt64) -> Bool {
    if hash == fingerprint { return true }
    let json = json()
    // Safe because every element of the array is an initialised byte.
    return unsafe hash == XXH64.hash(json.span.bytes)
  }

  /// The number of tokens, added ones included; every id is below it.
  public var vocabularySize: Int { model.tokens.count }

  /// The id that ends a document: `<|endoftext|>`, `<|end_of_text|>`, `</s>` or `<eos>`, the first
  /// that there is among the added tokens.
  public var endOfText: UInt32? {
    for content in ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>"] {
      if let id = id(ofAddedToken: content) { return id }
    }
    return nil
  }

  /// The id of the added token of this content, or nil; linear in the number of added tokens.
  public func id(ofAddedToken content: String) -> UInt32? {
    addedTokens.first { $0.content.utf8.elementsEqual(content.utf8) }?.id
  }

  /// The id of a token by its spelling in the file, or by its number where that is one; nil where
  /// there is none. Linear in the vocabulary.
  public func id(named name: String) -> UInt32? {
    guard let number = UInt32(name) else { return id(of: name) }
    return number < UInt32(vocabularySize) ? number : nil
  }

  /// The id of an added token's content or of a token as the file spells it, or nil.
  public func id(of spelling: String) -> UInt32? {
    if let id = id(ofAddedToken: spelling) { return id }
    let form = model.pieces == nil ? Spelling.byteLetters : .marks
    guard let bytes = form.bytes(of: spelling) else { return nil }
    return model.vocabulary.first { $0.bytes == bytes }?.id
  }

  /// The bytes that a token stands for, or nil where no token has this id.
  public func bytes(of id: UInt32) -> [UInt8]? {
    id < UInt32(vocabularySize) ? model.tokens[Int(id)] : nil
  }

  private static func byteIDs(_ vocabulary: [(id: UInt32, bytes: [UInt8])]) -> [UInt32?] {
    var ids = [UInt32?](repeating: nil, count: 256)
    for (id, bytes) in vocabulary where bytes.count == 1 { ids[Int(bytes[0])] = id }
    return ids
  }

  /// Appends the first symbols of a word from `start` on, at most about ``longestWord``; returns
  /// where they end.
  func append(
    from start: Int, in word: Range<Int>, of text: Span<UInt8>, to symbols: inout SymbolBuffer
  ) -> Int {
    let limit = min(start + Tokenizer.longestWord, word.upperBound)
    if let pieces {
      return pieces.append(start..<word.upperBound, limit: limit, of: text, to: &symbols)
    }
    bytes.append(start..<limit, of: text, to: &symbols)
    return limit
  }
}

extension Tokenizer {
  /// The bytes that `ids` stand for; those of an added token are its content in UTF-8.
  ///
  /// - Parameter continuing: Whether the ids continue a text, whose start is elsewhere: a space
  ///   that a tokenizer puts before every text is then not looked for.
  /// - Returns: The text; not valid UTF-8 where the ids cut a character.
  /// - Throws: `TokenizerError.unknownToken` for the first id that no token has, and `unsupported`
  ///   where the file's decoder is not one that is known.
  /// - Complexity: Linear.
  public func decode(
    _ ids: [UInt32], continuing: Bool = false
  ) throws(TokenizerError) -> [UInt8] {
    if let refusal = model.decoderRefusal { throw refusal }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * ids.count)
    for (index, id) in ids.enumerated() {
      guard id < UInt32(vocabularySize) else {
        throw .unknownToken(id: id, index: index, vocabularySize: vocabularySize)
      }
      bytes.append(contentsOf: model.tokens[Int(id)])
    }
    if !continuing, pieces?.form.stripsSpace ?? false, bytes.first == 0x20 {
      bytes.removeFirst()
    }
    return bytes
  }
}
