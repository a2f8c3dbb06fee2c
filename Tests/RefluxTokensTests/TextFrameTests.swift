import RefluxJSON
import RefluxTokens
import Testing

/// What post-processors put around a text.
@Suite struct TextFrameTests {
  private func frame(_ postProcessor: String) throws -> TextFrame {
    try Reference.tokenizer(
      "trained.json", with: ["post_processor": JSONValue(parsing: Array(postProcessor.utf8))]
    ).frame
  }

  private static let template = #"""
    {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
     {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
     "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [3, 4], "tokens": ["a", "b"]},
     "</s>": {"id": "</s>", "ids": [5], "tokens": ["c"]}}}
    """#

  @Test func templatesAndPairsAreRead() throws {
    let own = try frame(Self.template)
    #expect(own.before == [3, 4] && own.after == [5])
    for type in ["BertProcessing", "RobertaProcessing"] {
      let frame = try frame(#"{"type": "\#(type)", "sep": ["</s>", 7], "cls": ["<s>", 6]}"#)
      #expect(frame.before == [6] && frame.after == [7])
    }
    let byteLevel = #"{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false}"#
    #expect(try frame(byteLevel).before.isEmpty && frame("null").before.isEmpty)
  }

  @Test func sequencesWrapFromWithin() throws {
    let bert = #"{"type": "BertProcessing", "sep": ["</s>", 7], "cls": ["<s>", 6]}"#
    let frame = try frame(
      #"{"type": "Sequence", "processors": [{"type": "ByteLevel"}, \#(Self.template), \#(bert)]}"#)
    #expect(frame.before == [6, 3, 4] && frame.after == [5, 7])
  }

  @Test(arguments: [
    (#"{"type": "Other"}"#, "'post_processor' is 'Other', which is not supported"),
    (#"{"type": "BertProcessing", "sep": ["</s>", 7], "cls": ["<s>", 9999]}"#, "id below 640"),
    (
      #"{"type": "TemplateProcessing", "single": [], "special_tokens": {}}"#,
      "'post_processor.single' is a template with 0 texts"
    ),
  ])
  func refusesWhatItCannotHonour(_ postProcessor: String, _ message: String) {
    let error = #expect(throws: TokenizerError.self) { try frame(postProcessor) }
    #expect(error?.description.contains(message) == true)
  }
}
