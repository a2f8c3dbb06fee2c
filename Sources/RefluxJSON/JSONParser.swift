/// A recursive-descent JSON reader whose depth and memory the input cannot make grow without bound.
struct JSONParser: ~Escapable {
  private let bytes: Span<UInt8>
  private let maximumDepth: Int
  private var offset = 0
  private var depth = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value()
    skipWhitespace()
    guard offset == bytes.count else { throw unexpected("the end of the document") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    switch try peek("a value") {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  // MARK: Arrays and objects

  private mutating func object() throws(JSONError) -> JSONObject {
    try enter()
    var members: [JSONObject.Member] = []
    var keys = KeySet()
    if try !closes(UInt8(ascii: "}"), "a key or '}'") {
      repeat {
        guard try peek("a key") == UInt8(ascii: "\"") else { throw unexpected("a key") }
        let start = offset
        let key = try string()
        guard keys.insert(key) else { throw .duplicateKey(key, offset: start) }
        try expect(UInt8(ascii: ":"), "':'")
        members.append(JSONObject.Member(key, try value()))
      } while try continues(UInt8(ascii: "}"), "',' or '}'")
    }
    depth -= 1
    return JSONObject(members)
  }

  private mutating func array() throws(JSONError) -> [JSONValue] {
    try enter()
    var elements: [JSONValue] = []
    if try !closes(UInt8(ascii: "]"), "a value or ']'") {
      repeat {
        elements.append(try value())
      } while try continues(
        UInt8(ascii: "]"), "',' or ']'")
    }
    depth -= 1
    return elements
  }

  private mutating func enter() throws(JSONError) {
    guard depth < maximumDepth else { throw .tooDeep(offset: offset, limit: maximumDepth) }
    depth += 1
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

  // MARK: Words and numbers

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for byte in word.utf8 {
      guard offset < bytes.count else { throw .endOfInput(expected: "'\(word)'") }
      guard bytes[offset] == byte else { throw unexpected("'\(word)'") }
      offset += 1
    }
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = offset
    var isInteger = true
    skip(UInt8(ascii: "-"))
    let leading = offset
    var isValid = skipDigits() > 0
    if offset - leading > 1, bytes[leading] == UInt8(ascii: "0") { isValid = false }
    if skip(UInt8(ascii: ".")) {
      isInteger = false
      isValid = skipDigits() > 0 && isValid
    }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      isInteger = false
      if !skip(UInt8(ascii: "-")) { skip(UInt8(ascii: "+")) }
      isValid = skipDigits() > 0 && isValid
    }
    guard isValid else { throw .malformedNumber(offset: start) }
    let text = String(copying: start..<offset, of: bytes)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw .malformedNumber(offset: start) }
    return .number(value)
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
    return offset - start
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    let start = offset
    offset += 1
    var text: [UInt8] = []
    while true {
      guard offset < bytes.count else { throw .endOfInput(expected: "the end of a string") }
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw .malformedString(offset: start)
        }
        return string
      case UInt8(ascii: "\\"): try escape(into: &text, start: start)
      case 0..<0x20:
        offset -= 1
        throw unexpected("no control character inside a string")
      default: text.append(byte)
      }
    }
  }

  private mutating func escape(into text: inout [UInt8], start: Int) throws(JSONError) {
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
    case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar(start)).utf8)
    default: throw .malformedString(offset: start)
    }
  }

  /// The scalar of `\uXXXX`, or of a pair of surrogates `\uXXXX\uXXXX`.
  private mutating func scalar(_ start: Int) throws(JSONError) -> Character {
    var code = try hexadecimal(start)
    if (0xD800..<0xDC00).contains(code) {
      guard skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
        throw .malformedString(offset: start)
      }
      let low = try hexadecimal(start)
      guard (0xDC00..<0xE000).contains(low) else { throw .malformedString(offset: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw .malformedString(offset: start) }
    return Character(scalar)
  }

  private mutating func hexadecimal(_ start: Int) throws(JSONError) -> UInt32 {
    guard bytes.count - offset >= 4 else { throw .endOfInput(expected: "four hex digits") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw .malformedString(offset: start)
      }
      code = code << 4 | UInt32(digit)
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

  private mutating func expect(_ byte: UInt8, _ expected: String) throws(JSONError) {
    guard try peek(expected) == byte else { throw unexpected(expected) }
    offset += 1
  }

  private func unexpected(_ expected: String) -> JSONError {
    .unexpected(byte: bytes[offset], offset: offset, expected: expected)
  }
}

/// The keys of one object seen so far; few keys are compared one by one.
private struct KeySet {
  private var few: [String] = []
  private var many: Set<[UInt8]> = []

  /// Adds `key`; false where it was there already.
  mutating func insert(_ key: String) -> Bool {
    if !many.isEmpty { return many.insert(Array(key.utf8)).inserted }
    guard !few.contains(where: { $0.utf8.elementsEqual(key.utf8) }) else { return false }
    few.append(key)
    if few.count > 16 {
      many = Set(few.map { Array($0.utf8) })
      few = []
    }
    return true
  }
}

extension String {
  fileprivate init(copying range: Range<Int>, of bytes: Span<UInt8>) {
    var text = ""
    for index in range { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
    self = text
  }
}
