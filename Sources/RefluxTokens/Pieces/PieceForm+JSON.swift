internal import RefluxJSON

extension PieceForm {
  private static let supportedNormalizers =
    "null, 'NFC', a 'Replace' of spaces by '\(mark)', or a 'Sequence' of a 'Prepend' of '\(mark)' "
    + "and these"
  private static let supportedDecoders =
    "'Metaspace', or a 'Sequence' of 'Replace', 'ByteFallback', 'Fuse' and 'Strip'"

  /// Reads the parts of a file whose model spells unknown characters in bytes.
  ///
  /// - Throws: `TokenizerError` where one would treat spaces in any other way.
  init(
    root: JSONField, model: JSONField, _ normalizer: Normalizer
  ) throws(TokenizerError) {
    let before = try root.optional("pre_tokenizer")
    if try model.flag("ignore_merges", standard: false) {
      throw .unsupported(field: "model.ignore_merges", found: "true", supported: "false here")
    }
    self.normalizer = try root.optional("normalizer")?.value ?? .null
    preTokenizer = before?.value ?? .null
    decoder = try root.optional("decoder")?.value ?? .null
    unknown = try model.optional("unk_token")?.value ?? .null
    fusesUnknown = try model.flag("fuse_unk", standard: false)
    if normalizer.others.isEmpty {
      guard let before, try before.type() == "Metaspace" else {
        throw (before ?? root).unsupported("'Metaspace', where there is no normalizer")
      }
      (prefix, splitsMarks) = try Self.metaspace(before)
      return
    }
    prefix = try Self.prefix(normalizer.others)
    replacesSpaces = true
    // After the normalizer there are no spaces left to split at.
    if let before {
      guard try before.type() == "Split", try before.member("pattern").string("String") == " "
      else { throw before.unsupported("null, or a 'Split' at spaces") }
    }
  }

  private static func prefix(_ parts: [JSONField]) throws(TokenizerError) -> Prefix {
    let last = parts[parts.count - 1]
    guard parts.count <= 2, try last.type() == "Replace",
      try last.member("pattern").string("String") == " ", try last.string("content") == mark
    else { throw last.unsupported(supportedNormalizers) }
    if parts.count == 1 { return .never }
    guard try parts[0].type() == "Prepend", try parts[0].string("prepend") == mark else {
      throw parts[0].unsupported(supportedNormalizers)
    }
    return .always
  }

  private static func metaspace(
    _ field: JSONField
  ) throws(TokenizerError) -> (Prefix, splits: Bool) {
    guard try field.string("replacement") == mark else { throw field.unsupported("'\(mark)'") }
    let splits = try field.flag("split", standard: true)
    // Files of before there were schemes have a truth value.
    guard let scheme = try field.optional("prepend_scheme") else {
      return (try field.flag("add_prefix_space", standard: true) ? .unlessMarked : .never, splits)
    }
    switch try scheme.string() {
    case "always": return (.unlessMarked, splits)
    case "first": return (.firstUnlessMarked, splits)
    case "never": return (.never, splits)
    default: throw scheme.unsupported("'first', 'always' or 'never'")
    }
  }

  /// Takes from the decoder whether the space at the start of a text goes; without a decoder it
  /// does where one was put there. Returns what is wrong with it.
  mutating func readDecoder(_ decoder: JSONField?) -> TokenizerError? {
    do throws(TokenizerError) {
      stripsSpace = try decoder.map(Self.stripsSpace) ?? (prefix != .never)
      return nil
    } catch { return error }
  }

  private static func stripsSpace(_ decoder: JSONField) throws(TokenizerError) -> Bool {
    if try decoder.type() == "Metaspace" {
      guard try decoder.string("replacement") == mark else {
        throw decoder.unsupported("'\(mark)'")
      }
      return try metaspace(decoder).0 != .never
    }
    guard try decoder.type() == "Sequence" else { throw decoder.unsupported(supportedDecoders) }
    var strips = false
    for part in try decoder.member("decoders").elements() {
      switch try part.type() {
      case "ByteFallback", "Fuse": continue
      case "Replace":
        guard try part.member("pattern").string("String") == mark,
          try part.string("content") == " "
        else { throw part.unsupported("a 'Replace' of '\(mark)' by a space") }
      case "Strip":
        let counts = [try part.member("start").value, try part.member("stop").value]
        guard try part.string("content") == " ", counts == [.integer(1), .integer(0)] else {
          throw part.unsupported("a 'Strip' of one space at the start")
        }
        strips = true
      default: throw part.unsupported(supportedDecoders)
      }
    }
    return strips
  }
}

extension JSONField {
  /// The text of the member `key`.
  fileprivate func string(_ key: String) throws(TokenizerError) -> String {
    try member(key).string()
  }
}

/// The normalizer of a file: whether it composes canonically, and its other parts, which belong to
/// the form of a tokenizer over characters.
struct Normalizer {
  /// Whether a part is NFC.
  private(set) var isCanonical = false
  /// The other parts in their order.
  private(set) var others: [JSONField] = []

  /// Reads a normalizer; sequences within sequences are laid out flat.
  init(_ field: JSONField?) throws(TokenizerError) {
    if let field { try add(field) }
  }

  private mutating func add(_ field: JSONField) throws(TokenizerError) {
    switch try field.type() {
    case "NFC": isCanonical = true
    case "Sequence":
      for part in try field.member("normalizers").elements() { try add(part) }
    default: others.append(field)
    }
  }
}
