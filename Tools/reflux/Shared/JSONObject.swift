/// A JSON object that keeps the order in which its keys were set.
///
/// Written on one line without spaces. Numbers that JSON cannot hold (NaN, infinities) are `null`.
struct JSONObject: Sendable, CustomStringConvertible, ExpressibleByDictionaryLiteral {
  private(set) var members: [(key: String, value: JSONValue)] = []

  init() {}

  init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }

  /// The value of `key`. Setting keeps the place of a key that exists and appends one that does
  /// not; setting nil removes the key (``JSONValue/null`` writes `null`).
  subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append((key, value))
      case (nil, nil): break
      }
    }
  }

  var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  func write(to text: inout String) {
    text += "{"
    for (index, member) in members.enumerated() {
      if index > 0 { text += "," }
      JSONValue.writeString(member.key, to: &text)
      text += ":"
      member.value.write(to: &text)
    }
    text += "}"
  }
}
