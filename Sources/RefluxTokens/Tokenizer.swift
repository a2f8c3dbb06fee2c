internal import RefluxBytes
internal import RefluxJSON

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
  /// XXH64 of ``json()``: equal for tokenizers that encode and decode alike.
  public let fingerprint: UInt64

  let model: TokenizerModel
  let merges: MergeTable
  let byteIDs: [UInt32]
  let wholeWords: WholeWords?
  let pieces: PieceAlphabet?
  let scanner: WordScanner
  let pool = EncodingScratchPool()

  /// Checks `model` and makes its tables.
  init(model: TokenizerModel) throws(TokenizerError) {
    self.model = model
    merges = model.merges
    scanner = WordScanner(model.pattern)
    addedTokens = model.addedTokens
    if let (form, ids) = model.pieces {
      byteIDs = ids
      let bytes = Set(ids)
      pieces = PieceAlphabet(
        form, byteIDs: ids,
        vocabulary: Tokenizer.vocabulary(of: model).filter { !bytes.contains($0.id) })
    } else {
      byteIDs = try Tokenizer.byteIDs(of: model)
      pieces = nil
    }
    wholeWords = model.ignoresMerges ? WholeWords(Tokenizer.vocabulary(of: model)) : nil
    let json = model.json()
    // Safe because every element of the array is an initialised byte.
    fingerprint = unsafe XXH64.hash(json.span.bytes)
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

  /// The bytes that a token stands for, or nil where no token has this id.
  public func bytes(of id: UInt32) -> [UInt8]? {
    id < UInt32(vocabularySize) ? model.tokens[Int(id)] : nil
  }

  private static func byteIDs(of model: TokenizerModel) throws(TokenizerError) -> [UInt32] {
    var ids = [UInt32?](repeating: nil, count: 256)
    for (id, bytes) in vocabulary(of: model) where bytes.count == 1 {
      ids[Int(bytes[0])] = ids[Int(bytes[0])] ?? id
    }
    var found: [UInt32] = []
    for (byte, id) in ids.enumerated() {
      guard let id else { throw .missingByte(UInt8(byte)) }
      found.append(id)
    }
    return found
  }

  /// The tokens that merges and single bytes may make.
  private static func vocabulary(
    of model: TokenizerModel
  ) -> some Sequence<(id: UInt32, bytes: [UInt8])> {
    let added = Set(model.addedTokens.map(\.id))
    return model.tokens.indices.lazy
      .filter { model.isInVocabulary[$0] && !added.contains(UInt32($0)) }
      .map { (UInt32($0), model.tokens[$0]) }
  }
}
