import RefluxJSON
import Testing

/// One text out of an object, and nothing made of the rest.
@Suite struct JSONMemberTextTests {
  private func read(_ text: String) throws -> JSONMemberText {
    try JSONMemberText(of: "text", in: Array(text.utf8).span)
  }

  private func text(_ member: JSONMemberText) -> String? {
    guard case .text(let bytes) = member.content else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  @Test(arguments: [
    (#"{"text":"a"}"#, "a"), (#" { "a" : [1,{"text":2}], "text" : "b" } "#, "b"),
    (#"{"text":"\" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00"}"#, "\" \\ / \u{8}\u{C}\n\r\t é 😀"),
    (#"{"x":1e999,"y":NaN,"z":[Infinity,-Infinity,-0.5e-7],"text":"c"}"#, "c"),
    (#"{"x":"\ud83d","text":"d"}"#, "d"),
    (#"{"x":123456789012345678901234567890,"text":"e"}"#, "e"),
    (#"{"te\u0078t":"f"}"#, "f"), (#"{"a":{},"b":[],"c":null,"d":true,"e":false,"text":""}"#, ""),
  ])
  func findsTheText(line: String, expected: String) throws {
    let member = try read(line)
    #expect(text(member) == expected)
    #expect(!member.isRepaired)
  }

  @Test(arguments: [
    (#"{"text":"a\ud83d b"}"#, "a\u{FFFD} b"), (#"{"text":"\ude00x"}"#, "\u{FFFD}x"),
    (#"{"text":"\ud83d\ud83d\ude00"}"#, "\u{FFFD}😀"), (#"{"text":"\ud83d\n"}"#, "\u{FFFD}\n"),
    (#"{"text":"\ud83d"}"#, "\u{FFFD}"),
  ])
  func repairsLoneSurrogates(line: String, expected: String) throws {
    let member = try read(line)
    #expect(text(member) == expected)
    #expect(member.isRepaired)
  }

  @Test func repairsBytesThatAreNoText() throws {
    let bytes = Array(#"{"text":"a"#.utf8) + [0xFF, 0xC3] + Array(#"b"}"#.utf8)
    let member = try JSONMemberText(of: "text", in: bytes.span)
    #expect(text(member) == "a\u{FFFD}\u{FFFD}b" && member.isRepaired)
  }

  @Test func saysWhatElseThereIs() throws {
    #expect(try read("{}").content == .missing)
    #expect(try read(#"{"body":"a"}"#).content == .missing)
    #expect(try read(#"{"text":7}"#).content == .other(found: "a number"))
    #expect(try read(#"{"text":["a"]}"#).content == .other(found: "an array"))
    #expect(try read("[1,[2]]").content == .notAnObject(found: "an array"))
    #expect(try read("\"text\"").content == .notAnObject(found: "a string"))
  }

  @Test(arguments: [
    "", "{", #"{"text"}"#, #"{"text":}"#, #"{"text":"a""#, #"{"text":"a",}"#, #"{"text":"a"} x"#,
    #"{"text":"a" "b":1}"#, #"{"text":"\x"}"#, #"{"text":"\u12g4"}"#, #"{"text":"\u12"#,
    #"{"x":[1 2],"text":"a"}"#, #"{"x":nul,"text":"a"}"#, #"{"x":-,"text":"a"}"#,
    "{\"text\":\"a\u{1}\"}",
    #"{"text":"a","text":"b"}"#, "{text:1}", "[1,2", "nope",
  ])
  func refusesWhatIsNoJSON(line: String) {
    #expect(throws: JSONError.self) { try read(line) }
  }

  @Test func isNotTrappedByDepth() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try read("{\"x\":\(deep)") }
    let fits = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(text(try read("{\"x\":\(fits),\"text\":\"a\"}")) == "a")
  }
}
