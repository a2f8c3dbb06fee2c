/// The members of a JSON object in the order in which they were written.
///
/// Keys are compared by their UTF-8 bytes: two spellings of one character that Unicode calls
/// equivalent stay two keys, as they are in every other JSON reader.
public struct JSONObject: Equatable, Sendable {
  /// A key and its value.
  public struct Member: Equatable, Sendable {
    /// The key with its escapes resolved.
    public var key: String
    /// The value of any kind, null included.
    public var value: JSONValue

    /// A member; nothing about the key is checked.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }

    /// Compares keys by their UTF-8 bytes, not by canonical equivalence as `String` does.
    public static func == (left: Member, right: Member) -> Bool {
      left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
    }
  }

  /// The members in written order; a parsed object has no key twice.
  public var members: [Member]

  /// An object of these members; the caller sees to it that no key comes twice.
  public init(_ members: [Member] = []) { self.members = members }

  /// The value of `key`, or nil where the object has none; linear in the number of members.
  public subscript(key: String) -> JSONValue? {
    members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// The members in the order of the literal, whose keys must differ.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements.map { Member($0.0, $0.1) })
  }
}
