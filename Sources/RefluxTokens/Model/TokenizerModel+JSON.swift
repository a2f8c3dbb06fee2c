internal import RefluxJSON

extension TokenizerModel {
  /// The model in Hugging Face's layout, as `Tokenizer.save` of its library writes it.
  func json() -> [UInt8] {
    let root: JSONObject = [
      "version": .string("1.0"),
      "truncation": .null,
      "padding": .null,
      "added_tokens": .array(addedTokens.map(\.json)),
      "normalizer": pieces?.form.normalizer ?? normalizer,
      "pre_tokenizer": pieces?.form.preTokenizer ?? pattern.json,
      "post_processor": postProcessor,
      "decoder": pieces?.form.decoder ?? decoder
        ?? TokenizerModel.byteLevel(usesPattern: true, addsSpace: true),
      "model": bytePairModel,
    ]
    return JSONValue.object(root).encoded(indented: true)
  }

  /// The settings of one of the library's byte-level parts.
  static func byteLevel(usesPattern: Bool, addsSpace: Bool) -> JSONValue {
    .object([
      "type": .string("ByteLevel"),
      "add_prefix_space": .bool(addsSpace),
      "trim_offsets": .bool(true),
      "use_regex": .bool(usesPattern),
    ])
  }

  private var bytePairModel: JSONValue {
    .object([
      "type": .string("BPE"),
      "dropout": .null,
      "unk_token": pieces?.form.unknown ?? (gaps?.unknown).map { .string($0.spelling) } ?? .null,
      "continuing_subword_prefix": .null,
      "end_of_word_suffix": .null,
      "fuse_unk": .bool(pieces?.form.fusesUnknown ?? gaps?.fusesUnknown ?? false),
      "byte_fallback": .bool(pieces != nil || gaps?.spelled != nil),
      "ignore_merges": .bool(ignoresMerges),
      "vocab": vocabularyObject,
      "merges": mergeList,
    ])
  }

  private var vocabularyObject: JSONValue {
    let contents = Dictionary(
      addedTokens.map { ($0.id, $0.content) }, uniquingKeysWith: { first, _ in first })
    let spell = speller
    let members = tokens.indices.filter { isInVocabulary[$0] }.map { id in
      JSONObject.Member(contents[UInt32(id)] ?? spell(UInt32(id)), .integer(id))
    }
    return .object(JSONObject(members))
  }

  /// How a token is spelled in the file.
  var speller: (UInt32) -> String {
    guard let pieces else { return { ByteAlphabet.spell(tokens[Int($0)]) } }
    let bytes = Dictionary(
      uniqueKeysWithValues: pieces.byteIDs.enumerated().map { ($1, UInt8($0)) })
    return { id in
      bytes[id].map(PieceForm.spell(byte:)) ?? PieceForm.spell(tokens[Int(id)])
    }
  }

  private var mergeList: JSONValue {
    let spell = speller
    return .array(
      merges.pairs.map { pair in
        .array([.string(spell(pair.left)), .string(spell(pair.right))])
      })
  }
}

extension AddedToken {
  var json: JSONValue {
    .object([
      "id": .integer(Int(id)),
      "content": .string(content),
      "single_word": .bool(isSingleWord),
      "lstrip": .bool(stripsLeft),
      "rstrip": .bool(stripsRight),
      "normalized": .bool(isNormalized),
      "special": .bool(isSpecial),
    ])
  }
}

extension Tokenizer {
  /// The tokenizer as a Hugging Face `tokenizer.json`: UTF-8, indented, the same bytes for the same
  /// tokenizer on every machine. Reading it gives an equal tokenizer.
  ///
  /// - Complexity: Linear in the vocabulary; about 60 bytes for each token with its merge.
  public func json() -> [UInt8] { model.json() }
}
