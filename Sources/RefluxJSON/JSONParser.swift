/// A recursive-descent JSON reader whose depth and memory the input cannot make grow without bound.
struct JSONParser: ~Escapable {
  private let bytes: Span<UInt8>
  private let maximumDepth: Int
  private let maximumValues: Int
  private var offset = 0
  private var depth = 0
  private var values = 0
  /// The bytes of a string with escapes while they are put together.
  private var text: [UInt8] = []

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, maximumDepth: Int, maximumValues: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
    self.maximumValues = maximumValues
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value()
    skipWhitespace()
    guard offset == bytes.count else { throw unexpected("the end of the document") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    let byte = try peek("a value")
    guard values < maximumValues else { throw .tooMany(offset: offset, limit: maximumValues) }
    values += 1
    switch byte {
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
    var keys = JSONKeyIndex()
    if try !closes(UInt8(ascii: "}"), "a key or '}'") {
      repeat {
        guard try peek("a key") == UInt8(ascii: "\"") else { throw unexpected("a key") }
        let start = offset
        let key = try string()
        guard keys.insert(key, after: members) else { throw .duplicateKey(key, offset: start) }
        try expect(UInt8(ascii: ":"), "':'")
        members.append(JSONObject.Member(key, try value()))
      } while try continues(UInt8(ascii: "}"), "',' or '}'")
    }
    depth -= 1
    return JSONObject(members.fitted)
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
    return elements.fitted
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
    let isNegative = skip(UInt8(ascii: "-"))
    let leading = offset
    let whole = skipDigits(isNegative: isNegative)
    var isValid = offset > leading
    if offset - leading > 1, bytes[leading] == UInt8(ascii: "0") { isValid = false }
    var isInteger = true
    if skip(UInt8(ascii: ".")) {
      isInteger = false
      isValid = skipFraction() && isValid
    }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      isInteger = false
      if !skip(UInt8(ascii: "-")) { skip(UInt8(ascii: "+")) }
      isValid = skipFraction() && isValid
    }
    guard isValid else { throw .malformedNumber(offset: start) }
    if isInteger, let whole { return .integer(whole) }
    let text = String(copying: start..<offset, of: bytes)
    guard let value = Double(text), value.isFinite else { throw .malformedNumber(offset: start) }
    return .number(value)
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  /// Passes over digits; the number that they are, nil where it does not fit.
  private mutating func skipDigits(isNegative: Bool) -> Int? {
    var value: Int? = 0
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
      let digit = Int(bytes[offset] - 0x30)
      value = value.flatMap { Self.append(isNegative ? -digit : digit, to: $0) }
      offset += 1
    }
    return value
  }

  private static func append(_ digit: Int, to value: Int) -> Int? {
    let (tens, overflows) = value.multipliedReportingOverflow(by: 10)
    let (sum, carries) = tens.addingReportingOverflow(digit)
    return overflows || carries ? nil : sum
  }

  /// Whether there were any digits to pass over.
  private mutating func skipFraction() -> Bool {
    let start = offset
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
    return offset > start
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    let start = offset
    offset += 1
    text.removeAll(keepingCapacity: true)
    // What has not been copied to `text` yet; a string without escapes never is.
    var rest = offset
    while true {
      guard offset < bytes.count else { throw .endOfInput(expected: "the end of a string") }
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        return try finishedString(rest..<offset - 1, start: start)
      case UInt8(ascii: "\\"):
        for index in rest..<offset - 1 { text.append(bytes[index]) }
        try escape(start: start)
        rest = offset
      case 0..<0x20:
        offset -= 1
        throw unexpected("no control character inside a string")
      default: break
      }
    }
  }

  private mutating func finishedString(
    _ rest: Range<Int>, start: Int
  ) throws(JSONError) -> String {
    if text.isEmpty {
      guard let string = String(utf8: bytes.extracting(rest)) else {
        throw .malformedString(offset: start)
      }
      return string
    }
    for index in rest { text.append(bytes[index]) }
    guard let string = String(utf8: text.span) else { throw .malformedString(offset: start) }
    return string
  }

  private mutating func escape(start: Int) throws(JSONError) {
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
    case UInt8(ascii: "u"): text.append(contentsOf: UTF8.encode(try scalar(start)) ?? .init())
    default: throw .malformedString(offset: start)
    }
  }

  /// The scalar of `\uXXXX`, or of a pair of surrogates `\uXXXX\uXXXX`.
  private mutating func scalar(_ start: Int) throws(JSONError) -> Unicode.Scalar {
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
    return scalar
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

extension Array {
  /// The same elements in no more memory than they need: growing by doubling leaves up to as much
  /// again, and a tree stays.
  fileprivate var fitted: [Element] {
    capacity - count <= Swift.max(4, count / 8) ? self : map { $0 }
  }
}

extension String {
  /// Nil for bytes that are no UTF-8.
  fileprivate init?(utf8 bytes: Span<UInt8>) {
    guard let text = try? UTF8Span(validating: bytes) else { return nil }
    self.init(copying: text)
  }

  fileprivate init(copying range: Range<Int>, of bytes: Span<UInt8>) {
    var text = ""
    for index in range { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
    self = text
  }
}
