import Foundation
import TestSupport
import Testing

/// What `reflux quickstart` refuses; the road itself is tested with tiny budgets in the recipes.
@Suite struct LearningQuickstartTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private func expect(
    _ run: Command.Outcome, _ line: String, exitCode: Int32,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      run == .init(diagnostics: "reflux: \(line)\n", exitCode: exitCode),
      sourceLocation: location)
  }

  @Test func needsASecondFile() throws {
    try folder.write("a.txt", "to be or not to be")
    try folder.write("copy.txt", "to be or not to be")
    for data in [["a.txt"], ["a.txt", "copy.txt"]] {
      expect(
        try command.run(["quickstart", "--output", "out", "--data"] + data),
        "out: the text has 1 file that differs from the others, at least 2 are needed: one is held"
          + " out; name more files", exitCode: 2)
    }
    #expect(!folder.exists("out"), "the folder stays free for a run with more text")
  }

  @Test func needsEnoughTokens() throws {
    try folder.write("a.txt", LearningSamples.text(words: 500, seed: 1))
    try folder.write("b.txt", LearningSamples.text(words: 500, seed: 2))
    let run = try command.run(
      "quickstart", "--quiet", "--output", "out", "--data", "a.txt", "b.txt")
    #expect(run.exitCode == 2)
    #expect(run.output == "")
    #expect(
      run.diagnostics.withoutNumbers
        == "reflux: out/train.rfx: holds # tokens, at least # are needed; use more text or"
        + " smaller windows\n")
  }

  @Test func saysWhenTextIsMissing() throws {
    try folder.write("empty/nothing.txt", "")
    expect(
      try command.run("quickstart", "--data", "none"),
      "none: cannot open: No such file or directory; check the path", exitCode: 1)
    expect(
      try command.run("quickstart", "--data", "empty"),
      "empty: no text was found; name a folder or files that hold text", exitCode: 2)
    #expect(!folder.exists("quickstart"))
  }

  @Test func refusesAFolderOfAnotherRun() throws {
    try folder.write("a.txt", "to be")
    try folder.write("b.txt", "or not")
    try folder.write("out/run.txt", "seed=9")
    expect(
      try command.run("quickstart", "--output", "out", "--data", "a.txt", "b.txt"),
      "out: holds a run with other settings or other text; choose another output folder or delete it",
      exitCode: 1)
    #expect(try folder.bytes("out/run.txt") == Array("seed=9".utf8))
  }
}
