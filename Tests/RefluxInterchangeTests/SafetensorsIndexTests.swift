import RefluxInterchange
import Testing

private func index(_ text: String) throws(InterchangeError) -> SafetensorsIndex {
  try SafetensorsIndex(json: Array(text.utf8))
}

@Suite struct SafetensorsIndexTests {
  @Test func readsWhichFileHasWhichTensor() throws {
    let read = try index(
      #"{"metadata":{"total_size":9},"weight_map":{"b":"m-2.safetensors","#
        + #""a":"m-1.safetensors","c":"m-2.safetensors"}}"#)
    #expect(read.files == ["m-1.safetensors", "m-2.safetensors"])
    #expect(read.entries.map(\.tensor) == ["b", "a", "c"])
  }

  @Test(arguments: [
    "../x", "/etc/passwd", "a/b", #"a\\b"#, "", ".", "..", #"a\u0000"#,
  ])
  func namesThatLeadOutOfTheFolderAreRefused(_ name: String) {
    let error = #expect(throws: InterchangeError.self) {
      try index("{\"weight_map\":{\"a\":\"\(name)\"}}")
    }
    guard case .malformed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "", "{", "[]", "{}", #"{"weight_map":{}}"#, #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#,
  ])
  func otherTextsAreRefused(_ text: String) {
    #expect(throws: InterchangeError.self) { try index(text) }
  }
}
