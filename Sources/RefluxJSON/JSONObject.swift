/// The members of a JSON object in the order in which they were written.
///
/// Keys are compared by their UTF-8 bytes: two spellings of one character that Unicode calls
/// equivalent stay two keys, as they are in every other JSON reader.
public struct JSONObject: Equatable, Sendable {
  public struct Member: Equatable, Sendable {
    public var key: String
    public var value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }

    public static func == (left: Member, right: Member) -> Bool {
      left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
    }
  }

  public var members: [Member]

  /// An object of these members; the caller sees to it that no key comes twice.
  public init(_ members: [Member] = []) { self.members = members }

  /// The value of `key`, or nil where the object has none; linear in the number of members.
  public subscript(key: String) -> JSONValue? {
    members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements.map { Member($0.0, $0.1) })
  }
}
