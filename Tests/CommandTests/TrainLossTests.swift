import Foundation
import TestSupport
import Testing

/// `reflux train`: every loss over every store that fits it, and what does not go together.
@Suite struct TrainLossTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func training(_ loss: String, _ more: [String]) -> [String] {
    LearningSamples.training + ["--loss", loss, "--output", "out", "--steps", "4", "--quiet"] + more
  }

  /// Sets of nearly all ids, whose rounded weights come to more than 1 at many positions.
  private func cache(_ name: String, _ more: [String]) throws {
    try samples.done(
      [
        "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", name, "--context",
        "8", "--precision", "float32", "--quiet",
      ] + more)
  }

  @Test func everyLossTrainsOnEveryStoreThatFitsIt() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let drawn = [
      ["--estimator", "multinomial"], ["--estimator", "systematic"],
      ["--estimator", "multinomial", "--tau", "0.8"],
    ]
    let top = ["float32", "float16", "logarithm8"].map { format in
      ["--estimator", "topk", "--rounds", "250", "--weights", format]
    }
    let losses = [["rskd"], ["topk", "ghost", "smoothing", "naive"]]
    for (stores, losses) in zip([drawn, top], losses) {
      for (number, store) in stores.enumerated() {
        let name = "\(losses[0])\(number).rfx"
        try cache(name, store)
        for loss in losses {
          for alpha in ["1", "0.9"] {
            let options = ["--samples", name, "--alpha", alpha, "--json"]
            let run = try command.run(training(loss, options))
            #expect(run.exitCode == 0, "\(store) \(loss) \(alpha): \(run.diagnostics)")
            let found = try JSONRows(run.output).numbers("loss")
            #expect(found.count == 4 && found.allSatisfy(\.isFinite))
            try FileManager.default.removeItem(atPath: folder.file("out"))
          }
        }
      }
    }
  }

  /// Nothing but the name of the run would change, or the student would learn something else.
  @Test(arguments: [
    ("ce", ["--temperature", "5"], "temperature of 5.0 changes nothing"),
    ("ce", ["--alpha", "0.3"], "alpha of 0.3 changes nothing"),
    ("ce", ["--alpha-end", "0.3"], "alpha at the end of 0.3 changes nothing"),
    ("rskd", ["--label-smoothing", "0.2"], "label smoothing of 0.2 changes nothing"),
    ("rskd", ["--temperature", "3"], "temperature is 3.0, expected 1"),
    ("topk", ["--temperature", "3"], "temperature is 3.0, expected 1"),
    ("ghost", ["--temperature", "0.5"], "temperature is 0.5, expected 1"),
    ("smoothing", ["--temperature", "3"], "temperature is 3.0, expected 1"),
    ("naive", ["--temperature", "3"], "temperature is 3.0, expected 1"),
    ("ce", ["--decay-steps", "5"], "decay steps is 5, expected 1...4"),
  ])
  func optionsThatDoNotGoTogetherAreUsageErrors(
    loss: String, options: [String], message: String
  ) throws {
    let run = try command.run(training(loss, ["--samples", "samples.rfx"] + options))
    #expect(run.exitCode == 64)
    #expect(run.diagnostics.contains(message), "\(run.diagnostics)")
    #expect(!folder.exists("out"))
  }

  /// Steps are counted over the whole run, and a mix is as long as it says.
  @Test func epochsAreThoseOfTheWholeRun() throws {
    try samples.makeTokens()
    let tokens = Int(
      try JSONRows(samples.done("inspect", "tokens.rfx", "--json")).numbers("records")[0])
    let windows = (tokens - 1) / 8
    func steps(_ more: String...) throws -> Int {
      defer { try? FileManager.default.removeItem(atPath: folder.file("out")) }
      let base = [
        "train", "--student", "student.json", "--window", "8", "--precision", "float32", "--loss",
        "ce", "--output", "out", "--json", "--quiet",
      ]
      return try JSONRows(samples.done(base + more)).rows.count
    }
    let batches = windows / 6
    #expect(
      try steps(
        "--tokens", "tokens.rfx", "--batch", "6", "--accumulate", "4", "--epochs", "3")
        == 3 * batches / 4)
    #expect(
      try steps(
        "--tokens", "tokens.rfx", "--batch", "6", "--accumulate", "4", "--epochs", "3",
        "--remainder", "carried") == 3 * windows / 24)
    try folder.write(
      "mix.json",
      """
      {"sources": [{"tokens": "tokens.rfx", "epochs": 2}, {"tokens": "tokens.rfx", "epochs": 1}]}
      """)
    #expect(try steps("--mix", "mix.json", "--batch", "1", "--log-steps", "1") == 3 * windows)
    #expect(try steps("--mix", "mix.json", "--batch", "1", "--epochs", "0.5") == 3 * windows / 2)
    let plan = try JSONRows(
      samples.done("plan", "--mix", "mix.json", "--window", "8", "--batch", "1", "--json"))
    let sources = try #require(plan.rows[0]["sources"] as? [[String: Any]])
    #expect(sources.map { $0["epochs_taken"] as? Double } == [2, 1])
    try folder.write("weights.json", "{\"sources\": [{\"tokens\": \"tokens.rfx\"}]}")
    let unsaid = try command.run(
      "train", "--student", "student.json", "--mix", "weights.json", "--loss", "ce", "--output",
      "out")
    #expect(unsaid.exitCode == 64)
    #expect(
      unsaid.diagnostics
        == "reflux: weights.json: does not say 'epochs'; give --steps or --epochs\n")
  }
}
