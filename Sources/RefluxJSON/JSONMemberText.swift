/// The text of one member of a JSON object; all other members are passed over.
///
/// Nothing is made of what is not asked for: its numbers need not fit any type, and `NaN` and
/// `Infinity`, which some writers have, are passed over too.
public struct JSONMemberText: Equatable, Sendable {
  /// What the member is.
  public enum Content: Equatable, Sendable {
    /// There is no member of this name.
    case missing
    /// A string, as UTF-8.
    case text([UInt8])
    /// Something else; `found` is its kind in words.
    case other(found: String)
    /// The document is not an object; `found` is its kind in words.
    case notAnObject(found: String)
  }

  /// What was found.
  public private(set) var content = Content.missing
  /// Whether the string has lone surrogates or bytes that are no UTF-8; U+FFFD stands for each.
  public private(set) var isRepaired = false

  /// Reads the member `name` of the object that `bytes` are.
  ///
  /// - Throws: ``JSONError`` where the bytes are not JSON, or the member is there twice.
  /// - Complexity: one pass; memory for the text and the longest other string.
  public init(of name: String, in bytes: Span<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    let (kind, wanted) = (try scanner.kind(), Array(name.utf8))
    var found = (content: Content.missing, isRepaired: false)
    if kind == .object {
      try scanner.members { scanner, key throws(JSONError) in
        if key.bytes != wanted { return try scanner.pass(depth: 1) }
        if found.content != .missing { throw .duplicateKey(name, offset: scanner.offset) }
        found = try Self.value(&scanner)
      }
    } else {
      try scanner.pass()
      found.content = .notAnObject(found: kind.rawValue)
    }
    try scanner.end()
    (content, isRepaired) = found
  }

  private static func value(
    _ scanner: inout JSONScanner
  ) throws(JSONError) -> (content: Content, isRepaired: Bool) {
    let kind = try scanner.kind()
    if kind != .string {
      try scanner.pass(depth: 1)
      return (.other(found: kind.rawValue), false)
    }
    let text = try scanner.string()
    return (.text(text.bytes), text.isRepaired)
  }
}
