import Foundation
import TestSupport
import Testing

/// Stores that are damaged, change or vanish under a training run.
@Suite struct TrainFeedTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  private func training(_ tokens: String, steps: Int) throws -> [String] {
    try folder.write(
      "student.json",
      LearningSamples.configuration.replacing("\"vocab_size\": 257", with: "\"vocab_size\": 300"))
    return [
      "train", "--student", "student.json", "--tokens", tokens, "--window", "8", "--batch", "8",
      "--precision", "float32", "--loss", "ce", "--output", "out", "--steps", "\(steps)", "--json",
      "--quiet", "--checkpoint-steps", "0",
    ]
  }

  @Test func stopsAtADamagedBlockOrSkipsAndCounts() throws {
    try stores.makeTokens()
    try stores.damage("tokens.rfx", into: "bad.rfx")
    let stopped = try command.run(training("bad.rfx", steps: 6))
    #expect(stopped.exitCode == 2)
    let start = "reflux: bad.rfx: tokens of step 0: block 0 at offset "
    #expect(stopped.diagnostics.contains(start))
    #expect(stopped.diagnostics.contains("checksum mismatch"))

    let run = try command.run(training("bad.rfx", steps: 6) + ["--on-damage", "skip"])
    #expect(run.exitCode == 0)
    let counts = try JSONRows(run.output).numbers("skipped_windows")
    #expect(counts.count == 6 && counts == counts.sorted())
    let skipped = Int(try #require(counts.last))
    #expect(skipped > 0 && skipped < 48)
    #expect(
      run.diagnostics.split(separator: "\n").last.map { $0 + "\n" }
        == "reflux: \(skipped) windows with damaged blocks were skipped; see 'reflux verify'\n")
    // Every loss is a mean over what could be read, and all of them numbers.
    let losses = try JSONRows(run.output).numbers("loss")
    #expect(losses.count == 6 && losses.allSatisfy { $0 > 0 && $0.isFinite })
  }

  private func change(_ body: (String) throws -> Void) throws -> Command.Outcome {
    try stores.makeTokens()
    let run = try command.start(training("tokens.rfx", steps: 1_000_000))
    try waitFor("a step") { try !run.outputSoFar().isEmpty }
    try body(folder.file("tokens.rfx"))
    return try run.outcome()
  }

  @Test func saysThatAStoreVanished() throws {
    let outcome = try change { try FileManager.default.removeItem(atPath: $0) }
    #expect(outcome.exitCode == 1)
    #expect(outcome.diagnostics.contains("\nreflux: tokens.rfx: tokens of step "))
    #expect(
      outcome.diagnostics.hasSuffix(
        ": the file was removed or renamed while it was being read; put it back and run the same "
          + "command again\n"))
  }

  @Test func saysThatAStoreChanged() throws {
    let outcome = try change { path in
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: path)
    }
    #expect(outcome.exitCode == 1)
    #expect(outcome.diagnostics.contains("\nreflux: tokens.rfx: tokens of step "))
    #expect(
      outcome.diagnostics.hasSuffix(
        ": another process changed the file while it was being read; restore it and run the same "
          + "command again\n"))
  }

  // MARK: Several stores

  private func mixed(_ mix: String, _ more: String...) throws -> Command.Outcome {
    try folder.write("mix.json", mix)
    var arguments = try training("", steps: 6)
    let place = try #require(arguments.firstIndex(of: "--tokens"))
    arguments.replaceSubrange(place...place + 1, with: ["--mix", "mix.json"])
    return try command.run(arguments + more)
  }

  @Test func trainsOnAMixOfPackedDocuments() throws {
    try stores.makeTokens()
    let mix = """
      {"sources": [{"tokens": "tokens.rfx", "weight": 0.75, "token_weight": 2},
                   {"tokens": "tokens.rfx", "weight": 0.25, "alpha": 0.5}],
       "phases": [{"from_token": 0, "weights": [3, 1]}, {"from_token": 256, "weights": [0, 1]}]}
      """
    let run = try mixed(mix, "--packing", "best-fit", "--order", "local")
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    #expect(
      run.diagnostics.hasPrefix("reflux: mix.json: 'alpha' changes nothing with --loss ce\n"))
    #expect(try JSONRows(run.output).numbers("step") == [1, 2, 3, 4, 5, 6])
    let other = try mixed(
      mix.replacing("[0, 1]", with: "[1, 1]"), "--packing", "best-fit", "--order", "local")
    #expect(other.exitCode == 1)
    #expect(other.diagnostics.contains("belongs to another run"))
  }

  @Test func refusesAMixThatIsNoMix() throws {
    try stores.makeTokens()
    let sum = try mixed(
      """
      {"sources": [{"tokens": "tokens.rfx", "weight": 0.75},
                   {"tokens": "tokens.rfx", "weight": 0.5}]}
      """)
    #expect(sum.exitCode == 64)
    #expect(
      sum.diagnostics == "reflux: mix.json: the weights sum to 1.25; give fractions that sum to 1,"
        + " or whole numbers\n")
    let both = try mixed("{}", "--tokens", "tokens.rfx")
    #expect(both.exitCode == 64)
    #expect(both.diagnostics.contains("by one of --tokens and --mix"))
  }
}
