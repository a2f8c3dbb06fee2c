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

  /// A loss is a name with options; what is wrong with it is said.
  @Test(arguments: [
    ("jds", [], "--loss: no objective 'jds'; did you mean 'jsd'?"),
    ("xyz", [], "--loss: no objective 'xyz';"),
    (
      "jsd:bata=1", [],
      "--loss: 'jsd' has no option 'bata'; it has: temperature, tail, beta; did you mean 'beta'?"
    ),
    ("jsd:beta=2", [], "--loss: beta is '2', expected a number of 0 to 1;"),
    ("jsd:beta=0.1,beta=0.1", [], "--loss: 'beta' is given twice; give it once;"),
    ("pld", ["--alpha", "0.9"], "the loss 'pld' contains the label; leave --alpha at 1;"),
    (
      "dhkd", ["--alpha", "0.5", "--teacher", "teacher"],
      "the loss 'dhkd' contains the label; leave --alpha at 1, its 'weight' is the teacher's share;"
    ),
    ("lbf", ["--alpha-end", "0.5"], "the loss 'lbf' contains the label; leave --alpha at 1;"),
    (
      "fullkd:temperature=2", ["--temperature", "3", "--teacher", "teacher"],
      "temperature is 3.0, expected 2.0, which the loss says;"
    ),
    (
      "fullkd:temperature=2", ["--temperature", "1", "--teacher", "teacher"],
      "temperature is 1.0, expected 2.0, which the loss says;"
    ),
    (
      "pld", ["--temperature", "2"],
      "temperature of 2.0 changes nothing: the loss 'pld' has no temperature; leave it out;"
    ),
  ])
  func saysWhatIsWrongWithALoss(loss: String, options: [String], message: String) throws {
    let run = try command.run(training(loss, ["--samples", "samples.rfx"] + options))
    #expect(
      run
        == .init(
          diagnostics: "reflux: train: \(message) see 'reflux train --help'\n", exitCode: 64))
  }

  /// What the sets are decides, before a model is made.
  @Test func setsThatDoNotFitAreRefused() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try cache("draws.rfx", ["--estimator", "multinomial"])
    try cache("top.rfx", ["--estimator", "topk", "--rounds", "200"])
    func expect(_ loss: String, _ options: [String], _ exitCode: Int32, _ message: String) throws {
      let run = try command.run(training(loss, options))
      #expect(run == .init(diagnostics: "reflux: \(message)\n", exitCode: exitCode))
      #expect(!folder.exists("out"))
    }
    let (draws, top) = (["--samples", "draws.rfx"], ["--samples", "top.rfx"])
    let end = "needs a target at that temperature; the sets are at 1. Use --teacher, or 'ttm'"
    try expect("rskd", draws + ["--temperature", "2"], 64, "draws.rfx: temperature 2 " + end)
    try expect("ghost:temperature=0.5", top, 64, "top.rfx: temperature 0.5 " + end)
    try expect(
      "pld", top, 2,
      "top.rfx: the loss 'pld' needs the teacher's probability of the label, which the sets do not"
        + " keep; cache again with --record label")
    try expect(
      "ttm", draws, 2,
      "draws.rfx: the loss 'ttm' with gamma 0.5 needs draws from p^0.5; the sets were drawn at tau"
        + " 1. Cache with --tau 0.5 --uncorrected")
    try cache("tempered.rfx", ["--estimator", "multinomial", "--tau", "0.5"])
    try expect(
      "ttm", ["--samples", "tempered.rfx"], 2,
      "tempered.rfx: the weights were corrected back to p; 'ttm' needs the counts themselves"
        + " (--uncorrected)")
    try expect("sinkd:group=3", top, 64, "group 3 does not divide the window of 8 tokens")
    try expect(
      "rkl:tail=drop", top, 64,
      "the loss 'rkl' is infinite where the teacher's probability is 0; use tail=bucket, or 'jsd'")
  }

  /// A table has a row of finite numbers for every id, and is read where it is named from.
  @Test func tablesOfSimilaritiesAreChecked() throws {
    try samples.makeTokens()
    func write(_ name: String, rows: Int) throws {
      let rows = (0..<rows).map { "[\($0 % 7 + 1), \($0 % 5)]" }
      try folder.write(name, "[" + rows.joined(separator: ",") + "]")
    }
    func expect(_ name: String, _ message: String) throws {
      let run = try command.run(training("kd-sim:table=\(name)", []))
      #expect(run == .init(diagnostics: "reflux: \(name): \(message)\n", exitCode: 2))
      #expect(!folder.exists("out"))
    }
    try write("short.json", rows: 100)
    try expect(
      "short.json",
      "the table has 100 rows, the vocabulary 257 ids; expected a row for each id")
    try write("table.json", rows: 257)
    try samples.done(training("kd-sim:table=table.json,tau=0.5", ["--alpha", "0.5"]))
    // From the folder's own file, the same table is the same run.
    try samples.done("train", "--config", "out/run.json", "--quiet")
  }

  /// The second head goes with the run: what is saved is what was evaluated.
  @Test(arguments: ["yes", "no"])
  func secondHeadsAreNotSaved(align: String) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let watching = ["--held-out", "tokens.rfx", "--evaluate-every", "4", "--json"]
    let loss = "dhkd:weight=0.01,align=\(align)"
    let run = try samples.done(training(loss, watching + ["--teacher", "teacher"]))
    let expected = try #require(JSONRows(run).numbers("held_out_loss").last)
    let result = try samples.done(
      "evaluate", "--model", "out", "--tokens", "tokens.rfx", "--context", "8", "--precision",
      "float32", "--json", "--quiet")
    #expect(try JSONRows(result).numbers("lm_loss") == [expected])
    func names(_ path: String) throws -> String {
      let bytes = try folder.bytes(path)
      let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      return String(decoding: bytes[8..<8 + length], as: UTF8.self)
    }
    #expect(try !names("out/model.safetensors").contains("second"))
    #expect(try names("out/checkpoint.safetensors").contains("\"second_moments.second_head\""))
  }

  /// Options are part of what a run is, and of its file.
  @Test func optionsAreKept() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let teacher = ["--teacher", "teacher"]
    try samples.done(training("fullkd:temperature=2", teacher))
    let file = String(decoding: try folder.bytes("out/run.json"), as: UTF8.self)
    #expect(file.contains("\"fullkd:temperature=2\""), "\(file)")
    // The same T in other words is the same run; another is not.
    #expect(try command.run(training("fullkd", teacher + ["--temperature", "2"])).exitCode == 0)
    let other = try command.run(training("fullkd:temperature=3", teacher))
    #expect(other.exitCode == 1)
    #expect(other.diagnostics.contains("temperature 2.0, here 3.0"), "\(other.diagnostics)")
    let printed = try samples.done(
      training("jsd:beta=0.3", ["--samples", "x.rfx", "--print-config"]))
    #expect(printed.contains("\"jsd:tail=bucket,beta=0.3\""), "\(printed)")
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
