import Foundation
import TestSupport
import Testing

/// Inputs and options that used to be taken for something else, or for nothing, without a word.
@Suite struct SilentInputTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  // MARK: Text

  private func tokenize(_ name: String, _ more: String...) throws -> Command.Outcome {
    try command.run(
      [
        "tokenize", name, "--output", "n.rfx", "--train-tokenizer", "257", "--quiet", "--json",
        "--force",
      ] + more)
  }

  @Test(arguments: ["a.json", "a.txt", "a"])
  func linesOfJSONAreReadWhateverTheirEnding(name: String) throws {
    try folder.write(name, "\n{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n{\"text\": \"c\"}\n")
    let run = try tokenize(name)
    #expect(run.exitCode == 0, "\(run)")
    #expect(run.output.contains(#""documents":3,"#))
    try folder.write(name, "{\"body\": \"a\"}\n{\"body\": \"b\"}\n")
    let refused = try tokenize(name)
    #expect(refused.exitCode == 2)
    #expect(
      refused.diagnostics
        == "reflux: \(name): line 1: the object has no field 'text'; name the text's field with"
        + " --field\n")
    #expect(try tokenize(name, "--field", "body").output.contains(#""documents":2,"#))
    #expect(try tokenize(name, "--format", "text").output.contains(#""documents":1,"#))
  }

  @Test func arraysOfObjectsAreRefused() throws {
    try folder.write("a.json", "[\n  {\n    \"text\": \"a\"}, {\"text\": \"b\"}]\n")
    let refused = try tokenize("a.json")
    #expect(
      refused
        == .init(
          diagnostics: "reflux: a.json: a JSON array of objects; write one object a line (jq -c"
            + " '.[]') and name that file, or read it as it is (--format text)\n", exitCode: 2))
    #expect(try tokenize("a.json", "--format", "text").exitCode == 0)
    try folder.write("in/a.json", "[{\"text\": \"a\"}]")
    try folder.write("in/b.txt", "b")
    let run = try tokenize("in")
    #expect(run.output.contains(#""documents":1,"#))
    #expect(run.output.contains(#""passed_over":{"json-array":1}"#))
  }

  @Test func proseIsText() throws {
    for text in [
      "{braces} begin this\n{and} this", "[1, 2]", "{\n \"text\": \"a\"\n}\n", "{\"a\": 1}\nprose",
      "[{wiki}]", "{\"name\": \"x\"}",
    ] {
      try folder.write("a.txt", text)
      let run = try tokenize("a.txt")
      #expect(run.exitCode == 0, "\(text): \(run)")
      #expect(run.output.contains(#""documents":1,"#), "\(text)")
    }
  }

  // MARK: Limits

  @Test(arguments: [1, 3, 8, 20, 21])
  func anEvaluationLooksAtSoManyTokens(limit: Int) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let run = try samples.done(
      "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--context", "8", "--limit",
      "\(limit)", "--quiet", "--json")
    #expect(try JSONRows(run).numbers("tokens") == [Double(limit)])
  }

  // MARK: Options

  @Test func whatALossDoesNotLearnFromIsSaid() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let teacher =
      "reflux: teacher: --loss # does not run a teacher; only its tokenizer is looked at"
    let sets = "reflux: samples.rfx: --loss # learns from no samples; only their windows count"
    for (loss, inputs, notes) in [
      ("ce", ["--teacher", "teacher"], [teacher]),
      ("rskd", ["--samples", "samples.rfx", "--teacher", "teacher"], [teacher]),
      ("fullkd", ["--samples", "samples.rfx", "--teacher", "teacher"], [sets]),
      ("ce", ["--samples", "samples.rfx"], [sets]),
      ("rskd", ["--samples", "samples.rfx"], []), ("fullkd", ["--teacher", "teacher"], []),
    ] {
      let run = try command.run(
        LearningSamples.training
          + ["--loss", loss, "--steps", "1", "--quiet", "--output", "n", "--force"] + inputs)
      #expect(run.exitCode == 0, "\(run)")
      let expected = notes.map { $0.replacing("#", with: loss) + "\n" }
      #expect(run.diagnostics == expected.joined(), "\(loss) \(inputs)")
      try FileManager.default.removeItem(atPath: folder.file("n"))
    }
    let cache = try command.run(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "n.rfx",
      "--estimator", "topk", "--seed", "5")
    #expect(cache.exitCode == 64)
    #expect(
      cache.diagnostics.hasPrefix(
        "reflux: --seed goes with drawn sets; --estimator topk draws nothing\n"))
  }

  @Test(arguments: ["1e-308", "0.009", "8.1"])
  func exponentsThatLeadNowhereAreRefused(tau: String) throws {
    let run = try command.run(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "n.rfx", "--tau=\(tau)"
    )
    #expect(run.exitCode == 64)
    #expect(run.diagnostics.contains("give a number in 0.01...8 "))
  }

  // MARK: Messages

  @Test func badFilesAreNamedByWhatTheyHold() throws {
    try samples.makeTokens()
    try folder.write("g.json", [0x1F, 0x8B])
    func train(_ student: String) throws -> Command.Outcome {
      try command.run(
        "train", "--student", student, "--tokens", "tokens.rfx", "--loss", "ce", "--steps", "1",
        "--output", "n")
    }
    let packed = try train("g.json")
    #expect(packed.exitCode == 2)
    #expect(
      packed.diagnostics.hasPrefix(
        "reflux: g.json: not JSON at line 1, column 1: found byte 0x1F, expected "))
    let mix = try command.run(
      "train", "--student", "student.json", "--mix", "g.json", "--loss", "ce", "--steps", "1",
      "--output", "n")
    #expect(mix.exitCode == 2)
    #expect(mix.diagnostics.hasPrefix("reflux: g.json: not JSON at byte 0: found byte 0x1F,"))
    let plain = LearningSamples.configuration
    try folder.write("e.json", plain.replacing("{\"model", with: "{\"rms_norm_eps\": 0, \"model"))
    #expect(
      try train("e.json").diagnostics.hasPrefix(
        "reflux: e.json: rms_norm_eps is 0.0, expected above 0 and below 1;"))
    try folder.write("q.json", plain.replacing("llama", with: "qwen2"))
    #expect(
      try train("q.json").diagnostics.hasPrefix(
        "reflux: q.json: num_key_value_heads is 32 (the default, as the key is missing), expected"
          + " 1...2;"))
    #expect(!folder.exists("n"))
  }

  @Test func longValuesAreCut() throws {
    let long = String(repeating: "x", count: 5000)
    let run = try command.run(
      "cache", "--teacher", "a", "--tokens", "b", "--output", "c", "--note", "a=" + long)
    #expect(run.exitCode == 64)
    #expect(run.diagnostics.contains("xxx...'"))
    #expect(run.diagnostics.utf8.count < 1000)
    let other = try command.run("cache", "--rounds=" + long)
    #expect(other.exitCode == 64)
    #expect(other.diagnostics.utf8.count < 1000)
  }
}
