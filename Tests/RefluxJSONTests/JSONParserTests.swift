import RefluxJSON
import Testing

private func parse(_ text: String) throws(JSONError) -> JSONValue {
  try JSONValue(parsing: Array(text.utf8))
}

@Suite struct JSONParserTests {
  @Test func readsEveryKindOfValue() throws {
    let value = try parse(#" {"a": [1, -2.5e1, true, false, null], "b": {"c": "d"}} "#)
    let expected: JSONValue = .object([
      "a": .array([.integer(1), .number(-25), .bool(true), .bool(false), .null]),
      "b": .object(["c": .string("d")]),
    ])
    #expect(value == expected)
  }

  @Test func keepsIntegersExactAndTurnsLargeOnesIntoDoubles() throws {
    #expect(try parse("9223372036854775807") == .integer(.max))
    #expect(try parse("-9223372036854775808") == .integer(.min))
    #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    #expect(try parse("-0") == .integer(0))
  }

  @Test func readsEscapesAndSurrogatePairs() throws {
    #expect(try parse(#""\"\\\/\b\f\n\r\té\ud83d\ude00""#) == .string("\"\\/\u{8}\u{c}\n\r\té😀"))
  }

  @Test func keepsTheOrderOfMembers() throws {
    let keys = try parse(#"{"z":1,"a":2,"m":3}"#).objectValue?.members.map(\.key)
    #expect(keys == ["z", "a", "m"])
  }

  @Test func equivalentSpellingsAreTwoKeys() throws {
    let object = try parse("{\"\u{e9}\":1,\"e\u{301}\":2}").objectValue
    #expect(object?.members.count == 2)
    #expect(object?["e\u{301}"] == .integer(2))
  }

  @Test(arguments: [
    "", " ", "{", "[", "\"", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "tru",
    "\"\\",
    "\"\\u12",
  ])
  func namesAnEarlyEnd(_ text: String) {
    let error = #expect(throws: JSONError.self) { try parse(text) }
    guard case .endOfInput = error else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    ("nul1", 3), ("[1,]", 3), ("{\"a\":1,}", 7), ("1 2", 2), ("{1:2}", 1), ("[1 2]", 3),
    ("\u{1}", 0),
    ("\"a\nb\"", 2), ("'a'", 0), ("{\"a\" 1}", 5), ("NaN", 0), ("+1", 0), (".5", 0),
  ])
  func namesTheByteThatCannotStand(_ text: String, offset: Int) {
    let error = #expect(throws: JSONError.self) { try parse(text) }
    guard case .unexpected(_, offset, _) = error else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["01", "-", "1.", "1e", "1e+", "-a", "1e999", "00"])
  func refusesMalformedNumbers(_ text: String) {
    #expect(throws: JSONError.malformedNumber(offset: 0)) { try parse(text) }
  }

  @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800A""#, #""\x""#, #""\u00g0""#])
  func refusesMalformedStrings(_ text: String) {
    #expect(throws: JSONError.malformedString(offset: 0)) { try parse(text) }
  }

  @Test func refusesBytesThatAreNoUTF8() {
    #expect(throws: JSONError.malformedString(offset: 0)) {
      try JSONValue(parsing: [0x22, 0xFF, 0x22])
    }
  }

  @Test func refusesDuplicateKeysInSmallAndLargeObjects() {
    #expect(throws: JSONError.duplicateKey("a", offset: 7)) { try parse(#"{"a":1,"a":2}"#) }
    let members = (0..<100).map { "\"k\($0)\":0" }.joined(separator: ",")
    #expect(throws: JSONError.self) { try parse("{\(members),\"k3\":0}") }
    #expect(throws: Never.self) { try parse("{\(members)}") }
  }

  @Test func refusesDepthBeyondTheLimitHoweverDeep() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: JSONError.tooDeep(offset: 64, limit: 64)) { try JSONValue(parsing: deep) }
    let fits = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(throws: Never.self) { try parse(fits) }
  }

  @Test func refusesMoreValuesThanTheLimit() throws {
    let text = Array(#"{"a":[1,2,{}],"b":null}"#.utf8)
    #expect(throws: Never.self) { try JSONValue(parsing: text, maximumValues: 6) }
    #expect(throws: JSONError.tooMany(offset: 18, limit: 5)) {
      try JSONValue(parsing: text, maximumValues: 5)
    }
    // Two bytes of text for each of more than a million values.
    let many = Array("[".utf8) + (0..<1 << 20).flatMap { _ in Array("1,".utf8) }
    #expect(throws: JSONError.tooMany(offset: 2 << 20 - 1, limit: 1 << 20)) {
      try JSONValue(parsing: many)
    }
  }

  /// Keys that Unicode calls equal have one hash as strings, and there are n! of them: comparing
  /// each with each would take a minute.
  @Test func manyKeysThatOnlyBytesTellApartAreReadInTime() throws {
    let marks = ["\u{301}", "\u{316}", "\u{327}", "\u{345}", "\u{35C}", "\u{5B0}", "\u{64B}"]
    var keys = [""]
    for mark in marks {
      keys = keys.flatMap { key in
        (0...key.unicodeScalars.count).map { place in
          var scalars = Array(key.unicodeScalars)
          scalars.insert(mark.unicodeScalars.first ?? "x", at: place)
          return String(String.UnicodeScalarView(scalars))
        }
      }
    }
    #expect(keys.count == 5040)
    let members = keys.map { "\"a\($0)\":0" }.joined(separator: ",")
    let read = try parse("{\(members)}").objectValue
    #expect(read?.members.count == 5040)
    #expect(throws: JSONError.self) { try parse("{\(members),\"a\(keys[77])\":0}") }
  }

  @Test func stringsWithAndWithoutEscapesAreTheSame() throws {
    for text in ["", "a", "é😀", String(repeating: "x", count: 40)] {
      for escape in ["", "\\n", "\\u00e9", "\\ud83d\\ude00"] {
        let parsed = try parse("[\"\(text)\(escape)\(text)\",\"\(text)\"]").arrayValue
        let middle = ["": "", "\\n": "\n", "\\u00e9": "é", "\\ud83d\\ude00": "😀"][escape] ?? ""
        #expect(parsed == [.string(text + middle + text), .string(text)])
      }
    }
    #expect(throws: JSONError.malformedString(offset: 0)) {
      try JSONValue(parsing: Array("\"\\n".utf8) + [0xC3, 0x22])
    }
  }

  @Test func describesWhereAndWhat() {
    let error = #expect(throws: JSONError.self) { try parse("[1 2]") }
    #expect(error?.description == "not JSON at byte 3: found '2', expected ',' or ']'")
  }
}
