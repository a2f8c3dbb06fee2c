import Foundation
import RefluxStorage
import TestSupport
import Testing

/// Inputs that are no files, or claim what they do not have: one line at once, and no memory.
@Suite struct HostileInputTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func expect(
    _ arguments: [String], _ line: String, exitCode: Int32,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let run = try command.run(arguments)
    #expect(
      run == .init(diagnostics: "reflux: \(line)\n", exitCode: exitCode),
      sourceLocation: location)
  }

  /// Each reader with the file that it opens by itself.
  static let readers: [(file: String, verb: [String])] = [
    ("x/config.json", ["evaluate", "--model", "x", "--tokens", "tokens.rfx"]),
    (
      "student.json",
      LearningSamples.training + ["--loss", "ce", "--steps", "1", "--output", "out"]
    ),
    (
      "tokenizer.json", ["tokenize", "t.txt", "--output", "o.rfx", "--tokenizer", "tokenizer.json"]
    ),
    ("s/manifest.json", ["inspect", "s"]),
    ("run/metrics.jsonl", ["report", "run", "--output", "r.html"]),
    ("mix.json", ["plan", "--mix", "mix.json"]),
    ("s.rfx", ["stats", "s.rfx"]),
    ("a.npy", ["import", "npy", "a.npy", "--output", "o.rfx"]),
    (
      "l.npy",
      [
        "cache", "--logits", "l.npy", "--context", "8", "--tokens", "tokens.rfx", "--output",
        "o.rfx",
      ]
    ),
  ]

  /// What a message calls the file.
  private func shown(_ file: String) -> String { file.replacing("s/manifest", with: "s: manifest") }

  private func prepare() throws {
    try samples.makeTokens()
    try folder.write("t.txt", "to be")
    try folder.write("x/model.safetensors", "")
    for name in ["s", "run"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
  }

  /// Nobody writes to the pipe: opening it would wait for ever.
  @Test func pipesAndDevicesAreNamedAndNotWaitedFor() throws {
    try prepare()
    for (file, verb) in Self.readers {
      let path = folder.file(file)
      try? FileManager.default.removeItem(atPath: path)
      #expect(mkfifo(path, 0o600) == 0)
      try expect(verb, "\(shown(file)): not a plain file; name a file", exitCode: 1)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
      try expect(verb, "\(shown(file)): not a plain file; name a file", exitCode: 1)
      try FileManager.default.removeItem(atPath: path)
      if file == "student.json" { try folder.write(file, LearningSamples.configuration) }
    }
  }

  /// A terabyte that holds nothing.
  @Test func filesBeyondTheirLimitAreNamed() throws {
    try prepare()
    for (file, verb) in Self.readers.prefix(6) {
      let path = folder.file(file)
      try? FileManager.default.removeItem(atPath: path)
      try folder.write(file, "")
      #expect(truncate(path, 1 << 40) == 0)
      let run = try command.run(verb)
      #expect(run.exitCode != 0 && run.output == "")
      #expect(
        run.diagnostics.hasPrefix("reflux: \(shown(file)): larger than the ")
          || run.diagnostics.hasPrefix("reflux: \(file): line 1 is not a row"),
        "\(run.diagnostics)")
      try FileManager.default.removeItem(atPath: path)
      if file == "student.json" { try folder.write(file, LearningSamples.configuration) }
    }
  }

  @Test func pointersOfLargeFileStorageAreNamed() throws {
    try prepare()
    let text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    for (file, verb) in Self.readers where file != "run/metrics.jsonl" {
      try folder.write(file, text)
      try expect(
        verb,
        "\(shown(file)): a Git LFS pointer in place of the file; fetch the file with"
          + " 'git lfs pull'",
        exitCode: 2)
      if file == "student.json" { try folder.write(file, LearningSamples.configuration) }
    }
  }

  /// Sizes from which others are computed, at the ends of what numbers can be.
  @Test(arguments: ["-9223372036854775808", "9223372036854775807", "-1", "0", "4294967296"])
  func sizesAreCheckedBeforeTheyAreUsed(size: String) throws {
    try samples.makeTokens()
    for key in ["n_embd", "n_layer", "n_head", "vocab_size"] {
      var sizes = ["n_embd": "16", "n_layer": "1", "n_head": "2", "vocab_size": "257"]
      sizes[key] = size
      let members = sizes.map { "\"\($0)\": \($1)" }.joined(separator: ", ")
      try folder.write("student.json", "{\"model_type\": \"gpt2\", \(members)}")
      let run = try command.run(Self.readers[1].verb)
      #expect(run.exitCode == 2)
      #expect(
        run.diagnostics.hasPrefix("reflux: student.json: \(key) is \(size), expected 1..."),
        "\(run.diagnostics)")
    }
  }

  /// Counters for all ids would take 16 GiB.
  @Test func statisticsOfALargeVocabularyTakeLittleMemory() throws {
    let writer = try TokenStoreWriter(
      path: folder.file("t.rfx"),
      configuration: TokenStoreConfiguration(
        vocabularySize: 1 << 31, provenance: StoreProvenance()))
    try writer.append(document: [7, 1 << 31 - 1, 7, 1 << 30])
    _ = try writer.seal()
    let run = try command.shell("ulimit -v 2000000; $reflux stats t.rfx --json")
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    #expect(run.output.contains("\"different_ids\":3"), "\(run.output)")
  }

  /// Its paths count from its own folder, wherever the command runs.
  @Test func pathsOfAMixCountFromItsFolder() throws {
    try samples.makeTokens()
    try FileManager.default.createDirectory(
      atPath: folder.file("data/inner"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: folder.file("tokens.rfx"), toPath: folder.file("data/inner/a.rfx"))
    try folder.write(
      "data/mix.json",
      """
      {"sources": [{"tokens": "inner/a.rfx"}, {"tokens": "../data/inner/a.rfx"},
                   {"tokens": "\(folder.file("data/inner/a.rfx"))"}]}
      """)
    try samples.done("plan", "--mix", "data/mix.json", "--window", "8")
    try folder.write("data/mix.json", #"{"sources": [{"tokens": "a.rfx"}]}"#)
    try expect(
      ["plan", "--mix", "data/mix.json"],
      "data/a.rfx: cannot open: No such file or directory; check the path", exitCode: 1)
    try folder.write(
      "data/mix.json",
      """
      {"sources": [{"tokens": "inner/a.rfx", "weight": 1}],
       "phases": [{"from_token": 0, "weights": [1]}, {"from_token": 5, "weights": [1]}]}
      """)
    try expect(
      ["plan", "--mix", "data/mix.json", "--window", "0"],
      "plan: --window is '0', expected a whole number of 1 to 1048576; see 'reflux plan --help'",
      exitCode: 64)
  }
}
