/// Goes through JSON without making values of it.
struct JSONScanner: ~Escapable {
  /// What a value is, in words.
  enum Kind: String {
    case object = "an object"
    case array = "an array"
    case string = "a string"
    case number = "a number"
    case bool = "a truth value"
    case null = "null"
  }

  private let bytes: Span<UInt8>
  private(set) var offset = 0

  /// The most arrays and objects inside each other.
  static let maximumDepth = 128

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  /// The kind of the value that follows.
  mutating func kind() throws(JSONError) -> Kind {
    switch try peek("a value") {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case UInt8(ascii: "N"), UInt8(ascii: "I"): .number
    default: throw unexpected("a value")
    }
  }

  /// Passes over one value, inside `depth` others.
  mutating func pass(depth: Int = 0) throws(JSONError) {
    switch try kind() {
    case .object:
      try members(depth: depth) { scanner, _ throws(JSONError) in
        try scanner.pass(depth: depth + 1)
      }
    case .array: try elements(depth: depth)
    case .string: _ = try string()
    case .number: try number()
    case .bool: try word(bytes[offset] == UInt8(ascii: "t") ? "true" : "false")
    case .null: try word("null")
    }
  }

  /// Calls `body` after each key of the object that follows, where it must take one value.
  mutating func members(
    depth: Int = 0, _ body: (inout JSONScanner, _ key: JSONText) throws(JSONError) -> Void
  ) throws(JSONError) {
    try enter(depth)
    if try closes(UInt8(ascii: "}"), "a key or '}'") { return }
    repeat {
      guard try peek("a key") == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let key = try string()
      guard try peek("':'") == UInt8(ascii: ":") else { throw unexpected("':'") }
      offset += 1
      try body(&self, key)
    } while try continues(UInt8(ascii: "}"), "',' or '}'")
  }

  /// Nothing but white space may follow.
  mutating func end() throws(JSONError) {
    skipWhitespace()
    if offset < bytes.count { throw unexpected("the end of the document") }
  }

  private mutating func elements(depth: Int) throws(JSONError) {
    try enter(depth)
    if try closes(UInt8(ascii: "]"), "a value or ']'") { return }
    repeat { try pass(depth: depth + 1) } while try continues(UInt8(ascii: "]"), "',' or ']'")
  }

  private mutating func enter(_ depth: Int) throws(JSONError) {
    if depth >= Self.maximumDepth {
      throw .tooDeep(offset: offset, limit: Self.maximumDepth)
    }
    offset += 1
  }

  private mutating func closes(_ byte: UInt8, _ expected: String) throws(JSONError) -> Bool {
    guard try peek(expected) == byte else { return false }
    offset += 1
    return true
  }

  private mutating func continues(_ end: UInt8, _ expected: String) throws(JSONError) -> Bool {
    let byte = try peek(expected)
    guard byte == end || byte == UInt8(ascii: ",") else { throw unexpected(expected) }
    offset += 1
    return byte != end
  }

  // MARK: Words, numbers, strings

  private mutating func word(_ word: String) throws(JSONError) {
    for byte in word.utf8 {
      guard offset < bytes.count else { throw .endOfInput(expected: "'\(word)'") }
      guard bytes[offset] == byte else { throw unexpected("'\(word)'") }
      offset += 1
    }
  }

  /// A number of any size; `NaN`, `Infinity` and `-Infinity` too.
  private mutating func number() throws(JSONError) {
    let start = offset
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    if offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "N") { return try word("NaN") }
      if bytes[offset] == UInt8(ascii: "I") { return try word("Infinity") }
    }
    let digits = offset
    while offset < bytes.count, Self.isOfNumber(bytes[offset]) { offset += 1 }
    if offset == digits { throw .malformedNumber(offset: start) }
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"),
      UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The string that follows.
  mutating func string() throws(JSONError) -> JSONText {
    let start = offset
    offset += 1
    var text = JSONText()
    while true {
      let plain = offset
      while offset < bytes.count, Self.isPlain(bytes[offset]) { offset += 1 }
      text.append(bytes.extracting(plain..<offset))
      guard offset < bytes.count else { throw .endOfInput(expected: "the end of a string") }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        text.finish()
        return text
      case UInt8(ascii: "\\"):
        offset += 1
        try escape(into: &text, start)
      default: throw unexpected("no control character inside a string")
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func escape(into text: inout JSONText, _ start: Int) throws(JSONError) {
    guard offset < bytes.count else { throw .endOfInput(expected: "an escape") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(unit: try hexadecimal(start))
    default: throw .malformedString(offset: start)
    }
  }

  private mutating func hexadecimal(_ start: Int) throws(JSONError) -> UInt16 {
    guard bytes.count - offset >= 4 else { throw .endOfInput(expected: "four hex digits") }
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw .malformedString(offset: start)
      }
      code = code << 4 | UInt16(digit)
      offset += 1
    }
    return code
  }

  // MARK: Places

  private mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  private mutating func peek(_ expected: String) throws(JSONError) -> UInt8 {
    skipWhitespace()
    guard offset < bytes.count else { throw .endOfInput(expected: expected) }
    return bytes[offset]
  }

  private func unexpected(_ expected: String) -> JSONError {
    .unexpected(byte: bytes[offset], offset: offset, expected: expected)
  }
}
