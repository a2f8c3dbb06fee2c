import Foundation
import TestSupport
import Testing

@testable import reflux

/// What the README prints works: its tour runs as it stands, and there is every verb it names.
@Suite struct ReadmeTests {
  let folder = TemporaryFolder()

  private static func text() throws -> String {
    try String(contentsOfFile: RepositoryFolder.file("README.md"), encoding: .utf8)
  }

  /// The shell block under a heading.
  private static func block(under heading: String) throws -> Substring {
    try text().components(after: "\n## " + heading).components(after: "```sh\n")
      .prefix(upToMark: "```\n")
  }

  /// Runs a block with `sh`: the program is built and on the path already.
  private func run(_ block: Substring) throws -> Command.Outcome {
    try folder.write("block.sh", "set -eu\nPATH=$(dirname \"$reflux\"):$PATH\n" + block)
    return try Command(folder: folder).shell("sh block.sh")
  }

  /// The tour on less text.
  @Test func theTourRunsAsPrinted() throws {
    let tour = try Self.block(under: "A tour")
    let start = try #require(tour.firstRange(of: "# Text to tokens")).lowerBound
    for (part, name) in [
      ("RefluxStorage", "Sources"), ("RefluxSampling", "Tools"),
    ] {
      try FileManager.default.createDirectory(
        atPath: folder.file("text"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: RepositoryFolder.file("Sources/" + part), toPath: folder.file("text/" + name))
    }
    let run = try run("text=$PWD/text\n" + tour[start...])
    #expect(run.exitCode == 0, "\(run.diagnostics.suffix(2000))")
    #expect(run.output.hasSuffix("same content\n") || run.output.contains("same"))
  }

  /// Folders as Hugging Face's library has them, of a teacher and a student that are tiny.
  private func makeModels() throws {
    let samples = LearningSamples(folder: folder)
    try samples.makeTokens()
    try folder.write(
      "student.json", LearningSamples.configuration.replacing(": 16, \"tie", with: ": 2048, \"tie"))
    for (name, seed) in [("teacher", "1"), ("student", "2")] {
      try samples.done(
        LearningSamples.training + [
          "--loss", "ce", "--output", name, "--steps", "1", "--seed", seed, "--quiet",
        ])
    }
    for name in ["checkpoint.safetensors", "metrics.jsonl"] {
      try FileManager.default.removeItem(atPath: folder.file("student/" + name))
      try FileManager.default.removeItem(atPath: folder.file("teacher/" + name))
    }
  }

  /// Six commands on less text, with models that have the recipe's context.
  @Test func theRecipeRunsAsPrinted() throws {
    try makeModels()
    try folder.write("corpus/a.txt", LearningSamples.text(words: 10_000, seed: 1))
    try folder.write("held-out/b.txt", LearningSamples.text(words: 2_000, seed: 2))
    let recipe = try Self.block(under: "Distil a Hugging Face model")
    #expect(recipe.matches(of: #/(^|\n)reflux /#).count == 6)
    let run = try run(recipe)
    #expect(run.exitCode == 0, "\(run.diagnostics.suffix(2000))")
    #expect(run.output.contains("acceptance"))
    let names = try folder.names("distilled")
    for name in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
      #expect(names.contains(name))
    }
  }

  /// Commands in running text and in blocks name verbs and options that there are.
  @Test func namesOnlyWhatThereIs() throws {
    let names = Set(UsageTests.verbs.map { $0[0] })
    for mention in try Self.text().matches(of: /`reflux ([a-z-]+)/) {
      #expect(names.contains(String(mention.1)) || mention.1.hasPrefix("-"), "\(mention.0)")
    }
  }
}

extension Substring {
  fileprivate func components(after mark: String) -> Substring {
    firstRange(of: mark).map { self[$0.upperBound...] } ?? ""
  }

  fileprivate func prefix(upToMark mark: String) -> Substring {
    firstRange(of: mark).map { self[..<$0.lowerBound] } ?? self
  }
}
