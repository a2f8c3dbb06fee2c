internal import RefluxBytes

/// Reads the header's text: a Python dictionary of exactly `descr`, `fortran_order` and `shape`.
struct NPYHeaderParser: ~Escapable {
  /// NumPy's limit on the number of axes.
  static let axisLimit = 64

  private(set) var descriptor: String?
  private(set) var isFortranOrder: Bool?
  private(set) var shape: [Int]?

  private let text: RawSpan
  private var offset = 0

  @_lifetime(copy text)
  init(_ text: RawSpan) throws(InterchangeError) {
    self.text = text
    try parse()
  }

  private mutating func parse() throws(InterchangeError) {
    try expect("{")
    while try !skip("}") {
      let key = try string()
      try expect(":")
      try readValue(of: key)
      guard try !skip(",") else { continue }
      try expect("}")
      break
    }
    skipSpace()
    guard offset == text.byteCount else { throw malformed("nothing after the dictionary") }
  }

  private mutating func readValue(of key: String) throws(InterchangeError) {
    switch key {
    case "descr" where descriptor == nil: descriptor = try elementType()
    case "fortran_order" where isFortranOrder == nil: isFortranOrder = try truth()
    case "shape" where shape == nil: shape = try tuple()
    default: throw malformed("the keys 'descr', 'fortran_order' and 'shape', once each")
    }
  }

  private mutating func elementType() throws(InterchangeError) -> String {
    let quote = try peek()
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw .unsupported(
        part: "the array's element type", found: "a structure", supported: "integers")
    }
    return try string()
  }

  private mutating func truth() throws(InterchangeError) -> Bool {
    if try skip("True") { return true }
    if try skip("False") { return false }
    throw malformed("True or False")
  }

  private mutating func tuple() throws(InterchangeError) -> [Int] {
    try expect("(")
    var axes: [Int] = []
    while try !skip(")") {
      axes.append(try number())
      guard axes.count <= NPYHeaderParser.axisLimit else {
        throw .tooLarge(
          part: "the array's number of axes", found: "\(axes.count)",
          limit: NPYHeaderParser.axisLimit)
      }
      guard try !skip(",") else { continue }
      try expect(")")
      // Python reads (3) as a number, so NumPy always writes (3,).
      guard axes.count > 1 else { throw malformed("a tuple such as (3,)") }
      break
    }
    return axes
  }

  private mutating func number() throws(InterchangeError) -> Int {
    skipSpace()
    let start = offset
    var value = 0
    while offset < text.byteCount, (0x30...0x39).contains(text.byte(at: offset)) {
      let (tens, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, carries) = tens.addingReportingOverflow(Int(text.byte(at: offset) - 0x30))
      guard !overflows, !carries else { throw malformed("an axis below 2^63") }
      value = sum
      offset += 1
    }
    guard offset > start else { throw malformed("the length of an axis") }
    // Python 2 wrote long integers with an L.
    if offset < text.byteCount, text.byte(at: offset) == UInt8(ascii: "L") { offset += 1 }
    return value
  }

  private mutating func string() throws(InterchangeError) -> String {
    let quote = try peek()
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw malformed("a quoted string")
    }
    offset += 1
    let start = offset
    while try peek(skippingSpace: false) != quote { offset += 1 }
    let bytes = [UInt8](text.extracting(start..<offset))
    offset += 1
    guard let string = String(validating: bytes, as: UTF8.self) else { throw malformed("UTF-8") }
    return string
  }

  // MARK: Places

  private mutating func peek(skippingSpace: Bool = true) throws(InterchangeError) -> UInt8 {
    if skippingSpace { skipSpace() }
    guard offset < text.byteCount else { throw malformed("the end of the dictionary") }
    return text.byte(at: offset)
  }

  private mutating func expect(_ token: String) throws(InterchangeError) {
    guard try skip(token) else { throw malformed("'\(token)'") }
  }

  /// Passes over `token` where it stands next.
  private mutating func skip(_ token: String) throws(InterchangeError) -> Bool {
    _ = try peek()
    guard text.byteCount - offset >= token.utf8.count else { return false }
    for (index, byte) in token.utf8.enumerated() where text.byte(at: offset + index) != byte {
      return false
    }
    offset += token.utf8.count
    return true
  }

  private mutating func skipSpace() {
    while offset < text.byteCount, [0x20, 0x09, 0x0A, 0x0D].contains(text.byte(at: offset)) {
      offset += 1
    }
  }

  private func malformed(_ expected: String) -> InterchangeError {
    .malformed(
      part: "the array's header at character \(offset)", found: "no NumPy header",
      expected: expected)
  }
}
