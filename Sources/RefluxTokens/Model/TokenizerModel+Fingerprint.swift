internal import RefluxBytes
internal import RefluxJSON

/// What names a tokenizer (Formats/Store/SPEC.md, section 8.2): all that decides which ids a text
/// gets, and nothing else. Whatever is added to a model and changes ids belongs into `settings`.
extension TokenizerModel {
  /// XXH64 of settings, vocabulary, merges and added tokens. Special tokens are left out: a text
  /// never gets them, and other programs rename them and change their flags.
  ///
  /// - Complexity: linear in the vocabulary; 16 bytes and the spelling for each token with its
  ///   merge.
  var fingerprint: UInt64 {
    var writer = ByteWriter(capacity: 32 * tokens.count)
    write(text: String(decoding: JSONValue.object(settings).encoded(), as: UTF8.self), to: &writer)
    writeVocabulary(to: &writer)
    writer.write(UInt32(merges.pairs.count))
    for pair in merges.pairs {
      writer.write(pair.left)
      writer.write(pair.right)
    }
    let plain = addedTokens.filter { !$0.isSpecial }
    writer.write(UInt32(plain.count))
    for token in plain {
      writer.write(token.id)
      writer.write(token.matchingFlags)
      write(text: token.content, to: &writer)
    }
    // Safe because every element of the array is an initialised byte.
    return unsafe XXH64.hash(writer.bytes.span.bytes)
  }

  /// What decides about ids beside the lists. A member that says what is usual is left out, so that
  /// files that lack it keep their name.
  private var settings: JSONObject {
    var settings = JSONObject()
    if let form = pieces?.form {
      settings.members.append(.init("spaces", .string(form.prefix.name)))
      if form.splitsMarks { settings.members.append(.init("splits_marks", .bool(true))) }
    } else {
      settings.members.append(.init("words", .string(pattern.name)))
    }
    if ignoresMerges { settings.members.append(.init("ignore_merges", .bool(true))) }
    if isCanonical { settings.members.append(.init("normalizer", .string("nfc"))) }
    if let gaps { settings.members.append(.init("lacking_bytes", .object(gaps.settings))) }
    return settings
  }

  private func writeVocabulary(to writer: inout ByteWriter) {
    let special = Set(addedTokens.lazy.filter(\.isSpecial).map(\.id))
    let ids = tokens.indices.filter { isInVocabulary[$0] && !special.contains(UInt32($0)) }
    let spell = speller
    writer.write(UInt32(ids.count))
    for id in ids {
      writer.write(UInt32(id))
      write(text: spell(UInt32(id)), to: &writer)
    }
  }

  private func write(text: String, to writer: inout ByteWriter) {
    writer.write(UInt32(text.utf8.count))
    writer.write(text)
  }
}

extension AddedToken {
  /// `single_word`, `lstrip`, `rstrip` and `normalized` from the lowest bit on.
  fileprivate var matchingFlags: UInt32 {
    [isSingleWord, stripsLeft, stripsRight, isNormalized].enumerated()
      .reduce(0) { $0 | ($1.element ? 1 << UInt32($1.offset) : 0) }
  }
}

extension PieceForm.Prefix {
  /// What the fingerprint calls it.
  fileprivate var name: String {
    switch self {
    case .always: "always"
    case .unlessMarked: "unless-marked"
    case .firstUnlessMarked: "first-unless-marked"
    case .never: "never"
    }
  }
}

extension TokenizerModel.Gaps {
  fileprivate var settings: JSONObject {
    var settings = JSONObject()
    if let unknown { settings.members.append(.init("unknown", .integer(Int(unknown.id)))) }
    if fusesUnknown { settings.members.append(.init("fused", .bool(true))) }
    if spelled != nil { settings.members.append(.init("spelled", .bool(true))) }
    return settings
  }
}

extension WordPattern {
  /// What the fingerprint calls it.
  fileprivate var name: String {
    switch self {
    case .gpt2: "gpt2"
    case .digits: "digits"
    case .llama3: "llama3"
    case .qwen2: "qwen2"
    }
  }
}
