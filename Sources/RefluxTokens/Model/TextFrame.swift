internal import RefluxJSON

/// The tokens that a file's post-processor puts around a text.
public struct TextFrame: Equatable, Sendable {
  /// The ids before a text, such as `<bos>`.
  public internal(set) var before: [UInt32] = []
  /// The ids after a text.
  public internal(set) var after: [UInt32] = []

  /// Nothing.
  init() {}

  /// Reads a post-processor as it treats one text alone.
  ///
  /// - Throws: `TokenizerError` for one that is not known, or whose ids are no tokens.
  init(_ field: JSONField?, tokens: Int) throws(TokenizerError) {
    guard let field else { return }
    switch try field.type() {
    case "ByteLevel": return
    case "TemplateProcessing": try readTemplate(field, tokens)
    case "BertProcessing", "RobertaProcessing":
      before = [try Self.id(field.member("cls"), tokens)]
      after = [try Self.id(field.member("sep"), tokens)]
    case "Sequence":
      for part in try field.member("processors").elements() {
        let outer = try TextFrame(part, tokens: tokens)
        before = outer.before + before
        after += outer.after
      }
    default:
      throw field.unsupported(
        "null, 'ByteLevel', 'TemplateProcessing', 'BertProcessing', 'RobertaProcessing' or a "
          + "'Sequence' of them")
    }
  }

  private mutating func readTemplate(_ field: JSONField, _ tokens: Int) throws(TokenizerError) {
    let single = try field.member("single")
    var texts = 0
    for piece in try single.elements() {
      if try piece.optional("Sequence") != nil {
        texts += 1
        continue
      }
      let name = try piece.member("SpecialToken").member("id").string()
      var ids: [UInt32] = []
      for id in try field.member("special_tokens").member(name).member("ids").elements() {
        ids.append(try Self.check(id, tokens))
      }
      if texts == 0 { before += ids } else { after += ids }
    }
    guard texts == 1 else {
      throw .malformed(
        field: single.name, found: "a template with \(texts) texts", expected: "one 'Sequence'")
    }
  }

  /// The id of `["<s>", 0]`.
  private static func id(_ field: JSONField, _ tokens: Int) throws(TokenizerError) -> UInt32 {
    let parts = try field.elements()
    guard parts.count == 2 else { throw field.malformed("a token and its id") }
    return try check(parts[1], tokens)
  }

  private static func check(_ field: JSONField, _ tokens: Int) throws(TokenizerError) -> UInt32 {
    let id = try field.id()
    guard id < UInt32(tokens) else { throw field.malformed("an id below \(tokens)") }
    return id
  }
}
