import Foundation
import TestSupport
import Testing

/// `reflux evaluate` and `--held-out` cut stores as the samples and the training were cut.
@Suite struct LearningPackingTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// Texts of 1 to 40 letters, and a teacher.
  private func makeDocuments() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let text = LearningSamples.text(words: 400, seed: 3).replacing(".\n", with: "").replacing(
      ",", with: "")
    var lines: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      lines.append("{\"text\":\"\(rest.prefix(lines.count % 40 + 1))\"}\n")
      rest = rest.dropFirst(lines.count % 40 + 1)
    }
    try folder.write("documents.jsonl", lines.joined())
    try samples.done(
      "tokenize", "documents.jsonl", "--output", "documents.rfx", "--tokenizer", "tokenizer.json",
      "--quiet")
  }

  private func evaluate(_ arguments: String...) throws -> [String: Double] {
    let output = try samples.done(
      [
        "evaluate", "--model", "teacher", "--tokens", "documents.rfx", "--precision", "float32",
        "--json", "--quiet",
      ] + arguments)
    return try #require(try JSONRows(output).rows.first).compactMapValues { $0 as? Double }
  }

  /// Windows of 8 tokens.
  private func windows(_ packing: String) throws -> Int {
    let plan = try samples.done(
      "plan", "--tokens", "documents.rfx", "--window", "8", "--packing", packing, "--batch", "1",
      "--json")
    return Int(try #require(try JSONRows(plan).numbers("windows").first))
  }

  private func train(_ packing: String, _ arguments: String...) throws -> [String: Any] {
    let output = try samples.done(
      [
        "train", "--student", "teacher", "--tokens", "documents.rfx", "--output", "out-" + packing,
        "--steps", "1", "--batch", String(windows(packing)), "--order", "sequential", "--precision",
        "float32",
        "--json", "--quiet",
      ] + arguments)
    return try #require(try JSONRows(output).rows.first)
  }

  /// A teacher on its own samples: the loss that training sees, and an acceptance near 100 %.
  @Test(arguments: ["windows", "documents", "best-fit"])
  func samplesSayHowToCut(packing: String) throws {
    try makeDocuments()
    try samples.done(
      "cache", "--teacher", "teacher", "--tokens", "documents.rfx", "--output", "samples.rfx",
      "--context", "8", "--rounds", "30", "--packing", packing, "--precision", "float32", "--quiet")
    let found = try evaluate("--samples", "samples.rfx")
    let asked = try evaluate("--samples", "samples.rfx", "--context", "8", "--packing", packing)
    #expect(found["sample_kl"] == asked["sample_kl"] && found["lm_loss"] == asked["lm_loss"])
    #expect(abs(try #require(found["sample_acceptance_upper_percent"]) - 100) < 2)
    #expect(abs(try #require(found["sample_acceptance_percent"]) - 100) < 5)
    // What training has no window for is not looked at.
    let limit = try 8 * windows(packing)
    let limited = try evaluate("--samples", "samples.rfx", "--limit", String(limit))
    let loss = try #require(
      train(packing, "--samples", "samples.rfx", "--loss", "rskd")["loss"] as? Double)
    #expect(abs(try #require(limited["sample_kl"]) - loss) < 1e-5 * loss)
    for other in ["windows", "documents", "best-fit"] where other != packing {
      let run = try command.run(
        "evaluate", "--model", "teacher", "--tokens", "documents.rfx", "--samples", "samples.rfx",
        "--packing", other)
      #expect(run.exitCode == 2 && run.output == "")
      #expect(
        run.diagnostics.hasPrefix(
          "reflux: samples.rfx: the teacher's windows were cut as '\(packing)'"))
    }
  }

  /// Labels of other documents do not count where they stand for themselves.
  @Test func tokensAreTheLabelsThatCount() throws {
    try makeDocuments()
    let inspected = try samples.done("inspect", "documents.rfx", "--json")
    let records = try #require(try JSONRows(inspected).numbers("records").first)
    let documents = try #require(try JSONRows(inspected).numbers("documents").first)
    for window in ["8", "16"] {
      #expect(try evaluate("--context", window)["tokens"] == records - 1)
      for packing in ["documents", "best-fit"] {
        let found = try evaluate("--context", window, "--packing", packing)
        #expect(found["tokens"] == records - documents)
      }
    }
  }

  @Test(arguments: ["documents", "best-fit"])
  func heldOutTokensAreCutAsTheTraining(packing: String) throws {
    try makeDocuments()
    let row = try train(
      packing, "--loss", "ce", "--window", "8", "--packing", packing, "--held-out",
      "documents.rfx")
    let output = try samples.done(
      "evaluate", "--model", "out-" + packing, "--tokens", "documents.rfx", "--context", "8",
      "--packing", packing, "--precision", "float32", "--json", "--quiet")
    let figures = try JSONRows(output)
    let loss = try #require(row["held_out_loss"] as? Double)
    #expect(abs(figures.numbers("lm_loss")[0] - loss) < 1e-6)
    #expect(figures.numbers("tokens") == [try #require(row["held_out_tokens"] as? Double)])
  }

  /// The output of one machine of several is no whole store, and no range of it is another's.
  @Test func partsOfSamplesAreRefused() throws {
    try makeDocuments()
    for (name, choice) in [("0.rfx", ["--part", "0/3"]), ("1.rfx", ["--part", "1/3"])] {
      try samples.done(
        [
          "cache", "--teacher", "teacher", "--tokens", "documents.rfx", "--output", name,
          "--context", "8", "--rounds", "5", "--precision", "float32", "--quiet",
        ] + choice)
      let run = try command.run(
        "evaluate", "--model", "teacher", "--tokens", "documents.rfx", "--samples", name)
      #expect(run.exitCode == 2 && run.output == "")
      let trained = try command.run(
        "train", "--student", "teacher", "--tokens", "documents.rfx", "--samples", name, "--loss",
        "rskd", "--steps", "1", "--output", "out")
      #expect(run.diagnostics == trained.diagnostics)
      #expect(run.diagnostics.hasPrefix("reflux: \(name): "))
    }
  }

  /// Of two stores the damaged one is named.
  @Test func damagedStoresAreNamed() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    for name in ["samples.rfx", "tokens.rfx"] {
      let whole = try folder.bytes(name)
      var bytes = whole
      // After the header, in the first block.
      for place in bytes.count / 3..<bytes.count / 3 + 4 { bytes[place] ^= 0xFF }
      try folder.write(name, bytes)
      let run = try command.run(
        "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--samples", "samples.rfx",
        "--quiet")
      #expect(run.exitCode == 2 && run.output == "")
      #expect(run.diagnostics.hasPrefix("reflux: \(name): block 0"), "\(run.diagnostics)")
      try folder.write(name, whole)
    }
  }

  /// A store that is shorter than a window is one window.
  @Test func fewTokensAreAShorterWindow() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try folder.write("short.txt", "to be or not")
    try samples.done(
      "tokenize", "short.txt", "--output", "short.rfx", "--tokenizer", "tokenizer.json", "--quiet")
    let output = try samples.done(
      "evaluate", "--model", "teacher", "--tokens", "short.rfx", "--context", "16", "--json")
    #expect(try JSONRows(output).numbers("tokens") == [12])
  }
}
