import Foundation
import TestSupport
import Testing

/// What `train` puts beside the weights: all that `AutoTokenizer` and `generate` of Hugging Face's
/// library read. That they take it as it is was tried with Tests/Peers/folders.py (transformers
/// 4.57.6, tokenizers 0.22.2, torch 2.13.0).
@Suite struct StudentFolderTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func object(_ name: String) throws -> NSDictionary {
    let value = try JSONSerialization.jsonObject(with: Data(try folder.bytes(name)))
    return try #require(value as? NSDictionary)
  }

  private func train(_ student: String, _ more: String...) throws -> Command.Outcome {
    let run = try command.run(
      [
        "train", "--student", student, "--tokens", "tokens.rfx", "--window", "8", "--batch", "4",
        "--loss", "ce", "--output", "out", "--steps", "1", "--quiet",
      ] + more)
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    return run
  }

  @Test func aFreshStudentHasItsOwn() throws {
    try samples.makeTokens()
    #expect(try train("student.json").diagnostics == "")
    #expect(
      try object("out/tokenizer_config.json") == [
        "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false,
        "model_input_names": ["input_ids", "attention_mask"], "model_max_length": 16,
        "eos_token": "<|endoftext|>",
      ])
    #expect(
      try object("out/generation_config.json") == ["eos_token_id": 0, "bos_token_id": NSNull()])
    #expect(try object("out/config.json")["eos_token_id"] as? Int == 0)
    #expect(try object("out/config.json")["bos_token_id"] is NSNull)
  }

  /// A teacher's folder as it comes from elsewhere, under the name that the samples give it.
  private func makeForeignTeacher() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try FileManager.default.createDirectory(
      atPath: folder.file("hub"), withIntermediateDirectories: true)
    try samples.copyTeacher(to: "hub/teacher")
    try FileManager.default.removeItem(atPath: folder.file("teacher"))
    try FileManager.default.removeItem(atPath: folder.file("tokenizer.json"))
    try folder.write("hub/teacher/tokenizer_config.json", Self.settings)
    try folder.write("hub/teacher/generation_config.json", Self.generation)
    try folder.write("hub/teacher/special_tokens_map.json", #"{"eos_token": "<|endoftext|>"}"#)
    try folder.write("hub/teacher/chat_template.jinja", "{{ messages }}")
  }

  private static let settings =
    #"{"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|endoftext|>", "padding_side": "left"}"#
  private static let generation = #"{"temperature": 0.7, "eos_token_id": [7, 0]}"#

  @Test func aDistilledStudentHasItsTeachers() throws {
    try makeForeignTeacher()
    try samples.done(
      "cache", "--teacher", "hub/teacher", "--tokens", "tokens.rfx", "--output", "samples.rfx",
      "--context", "8", "--rounds", "6", "--quiet")
    let run = try train("student.json", "--loss", "rskd", "--samples", "samples.rfx")
    #expect(run.diagnostics == "")
    for name in [
      "tokenizer.json", "tokenizer_config.json", "generation_config.json",
      "special_tokens_map.json", "chat_template.jinja",
    ] {
      #expect(try folder.bytes("out/" + name) == folder.bytes("hub/teacher/" + name), "\(name)")
    }
    #expect(try object("out/config.json")["eos_token_id"] as? Int == 0)
  }

  @Test func aContinuedStudentKeepsItsOwn() throws {
    try makeForeignTeacher()
    try folder.write("hub/teacher/generation_config.json", #"{"eos_token_id": 7}"#)
    let config = String(decoding: try folder.bytes("hub/teacher/config.json"), as: UTF8.self)
    try folder.write(
      "hub/teacher/config.json",
      config.replacing("\"eos_token_id\": 0", with: "\"eos_token_id\": 7"))
    #expect(try train("hub/teacher").diagnostics == "")
    #expect(try folder.bytes("out/tokenizer_config.json") == Array(Self.settings.utf8))
    // What ends the documents of the training ends a text, beside what did before.
    #expect(try object("out/config.json")["eos_token_id"] as? [Int] == [7, 0])
    #expect(try object("out/generation_config.json")["eos_token_id"] as? [Int] == [7, 0])
  }

  /// An id that no document begins with is not put before the texts of a new model; a model that
  /// was trained with it keeps it.
  @Test func nothingThatTrainingNeverSawStandsBeforeAText() throws {
    try makeForeignTeacher()
    let template =
      #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": "#
      + #"{"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "#
      + #""pair": [{"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {"<|endoftext|>": "#
      + #"{"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}},"#
    let plain = String(decoding: try folder.bytes("hub/teacher/tokenizer.json"), as: UTF8.self)
    let changed = plain.replacing(
      try Regex(#""post_processor": (null|\{[^}]*\}),"#), with: template)
    #expect(changed != plain)
    try folder.write("hub/teacher/tokenizer.json", changed)
    let settings = #"{"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<|endoftext|>"}"#
    try folder.write("hub/teacher/tokenizer_config.json", settings)

    #expect(try train("student.json", "--tokenizer", "hub/teacher").diagnostics == "")
    #expect(try object("out/tokenizer.json")["post_processor"] is NSNull)
    #expect(try object("out/tokenizer_config.json")["add_bos_token"] as? Bool == false)

    try FileManager.default.removeItem(atPath: folder.file("out"))
    let continued = try train("hub/teacher")
    #expect(
      continued.diagnostics
        == "reflux: hub/teacher: its tokenizer puts an id before each text that no document of"
        + " tokens.rfx begins with\n")
    #expect(try folder.bytes("out/tokenizer.json") == Array(changed.utf8))
    #expect(try folder.bytes("out/tokenizer_config.json") == Array(settings.utf8))
  }

  @Test func aMissingTokenizerIsSaidBeforeTheFirstStep() throws {
    try samples.makeTokens()
    try FileManager.default.removeItem(atPath: folder.file("tokenizer.json"))
    #expect(
      try train("student.json").diagnostics
        == "reflux: out: will have no tokenizer.json: the one that made tokens.rfx was not found;"
        + " name it by --tokenizer\n")
    #expect(!folder.exists("out/tokenizer.json"))
  }

  /// A number or a list, in config.json or generation_config.json.
  @Test func generateStopsAtEveryEndOfAText() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let generate = [
      "generate", "--model", "teacher", "--prompt", "to b", "--count", "5", "--temperature", "0",
    ]
    func count() throws -> Double {
      try JSONRows(samples.done(generate + ["--json"])).numbers("tokens")[0]
    }
    #expect(try count() == 5)
    let config = String(decoding: try folder.bytes("teacher/config.json"), as: UTF8.self)
    let all = (0..<257).map(String.init).joined(separator: ", ")
    for ends in ["[\(all)]", "[1, \(all)]"] {
      try folder.write(
        "teacher/config.json",
        config.replacing("\"eos_token_id\": 0", with: "\"eos_token_id\": \(ends)"))
      #expect(try count() == 0)
    }
    try folder.write("teacher/config.json", config)
    try folder.write("teacher/generation_config.json", "{\"eos_token_id\": [\(all)]}")
    #expect(try count() == 0)
    try folder.write("teacher/generation_config.json", #"{"eos_token_id": "end"}"#)
    #expect(
      try command.run(generate)
        == .init(
          diagnostics: "reflux: teacher: generation_config.json: eos_token_id is a string, expected"
            + " a whole number or a list of them; fix the file or remove it\n", exitCode: 2))
  }
}
