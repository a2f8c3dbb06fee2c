import Foundation
import TestSupport
import Testing

/// `reflux plan` and `reflux explain-step`: what a run will read, and refusals.
@Suite struct PlanTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  private func row(_ arguments: String...) throws -> [String: Any] {
    try #require(JSONRows(stores.done(arguments + ["--json"])).rows.first)
  }

  private func expect(
    _ run: Command.Outcome, _ line: String, exitCode: Int32,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      run == .init(diagnostics: "reflux: \(line)\n", exitCode: exitCode),
      sourceLocation: location)
  }

  @Test func printsThePlanOfAStore() throws {
    try stores.makeTokens()
    let plan = try row("plan", "--tokens", "tokens.rfx", "--window", "100", "--batch", "4")
    #expect(plan["windows"] as? Int == 699 && plan["steps_per_epoch"] as? Int == 174)
    #expect(plan["steps"] as? Int == 174 && plan["tokens_per_step"] as? Int == 400)
    let batches = try #require(plan["batches"] as? [[String: Any]])
    let steps = batches.compactMap { $0["step"] as? Int }
    #expect(steps == [0, 1, 2])
    #expect((batches[0]["windows"] as? [Int])?.count == 4)
    let sources = try #require(plan["sources"] as? [[String: Any]])
    #expect(sources[0]["source"] as? String == "tokens.rfx")
    #expect(sources[0]["tokens_taken"] as? Int == 174 * 400)
  }

  /// Figures have units and are rounded; no key of the JSON stands among the words.
  @Test func saysThePlanInWords() throws {
    try stores.makeTokens()
    let text = try stores.done(
      "plan", "--tokens", "tokens.rfx", "--window", "100", "--batch", "4", "--steps", "348")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.first?.hasSuffix("  348 of 400 tokens = 1.991 epochs") == true)
    for (label, end) in [
      ("memory of the feed", "B"), ("shuffle", "neighbour"),
      ("tokens.rfx", " takes 1,392 windows = 139,200 tokens = 1.991 epochs"),
    ] {
      #expect(lines.contains { $0.hasPrefix(label) && $0.hasSuffix(end) }, "\(label)")
    }
    #expect(lines.contains { $0.hasPrefix("step 0 ") && $0.contains("  windows [") })
    #expect(!text.contains("_"))
  }

  /// A position resumes with the batches that come after it, on other ranks too.
  @Test func goesOnFromAPosition() throws {
    try stores.makeTokens()
    let options = ["plan", "--tokens", "tokens.rfx", "--window", "10", "--remainder", "carried"]
    func batches(_ more: [String]) throws -> [[Int]] {
      let plan = try #require(JSONRows(stores.done(options + more + ["--json"])).rows.first)
      return try #require(plan["batches"] as? [[String: Any]]).compactMap {
        $0["windows"] as? [Int]
      }
    }
    let plan = try #require(JSONRows(stores.done(options + ["--json"])).rows.first)
    let hash = try #require(plan["plan"] as? String)
    let position = """
      {"step": 3, "data_step": 3, "epoch": 0, "window": 24, "plan": "\(hash)"}
      """
    let whole = try batches(["--batch", "8", "--show", "5"])
    let resumed = try batches(["--batch", "8", "--show", "2", "--position", position])
    #expect(resumed == Array(whole[3...]))
    let ranks = try (0..<2).map {
      try batches([
        "--batch", "4", "--show", "1", "--position", position, "--ranks", "2", "--rank", "\($0)",
      ])[0]
    }
    let merged = (0..<4).flatMap { [ranks[0][$0], ranks[1][$0]] }
    #expect(merged == whole[3])
    expect(
      try command.run(options + ["--seed", "5", "--position", position]),
      "tokens.rfx: the position belongs to plan \(hash), these stores and settings make plan "
        + "\(try seedHash(options)); use those that the run began with", exitCode: 64)
  }

  private func seedHash(_ options: [String]) throws -> String {
    let plan = try JSONRows(stores.done(options + ["--seed", "5", "--json"])).rows.first
    return plan?["plan"] as? String ?? ""
  }

  @Test func blendsStores() throws {
    try stores.makeTokens()
    try stores.makeTokens("more.rfx", seed: 2)
    try folder.write(
      "mix.json",
      """
      {"sources": [{"tokens": "tokens.rfx", "weight": 0.7}, {"tokens": "more.rfx", "weight": 0.3}],
       "phases": [{"from_token": 0, "weights": [0.7, 0.3]},
                  {"from_token": 4000, "weights": [0, 1]}]}
      """)
    let plan = try row(
      "plan", "--mix", "mix.json", "--window", "10", "--batch", "10", "--steps", "50")
    let sources = try #require(plan["sources"] as? [[String: Any]])
    let taken = sources.compactMap { $0["windows_taken"] as? Int }
    #expect(taken == [280, 220])
    let rows = try JSONRows(
      stores.done("explain-step", "45", "--mix", "mix.json", "--window", "10", "--json")
    ).rows
    #expect(rows.count >= 8 && rows.allSatisfy { $0["step"] as? Int == 45 })
    for row in rows {
      let records = try #require(row["records"] as? [Int])
      let document = try #require(row["document_records"] as? [Int])
      #expect(document[0] <= records[0] && records[1] <= document[1])
      #expect(["tokens.rfx", "more.rfx"].contains(row["source"] as? String))
    }
  }

  @Test func saysWhatIsWrongWithAMix() throws {
    try stores.makeTokens()
    let source = #"{"tokens": "tokens.rfx", "weight": 0.5}"#
    let phases = #""phases": [{"from_token": 0, "weights": [1]}]"#
    let cases: [(String, String, Int32)] = [
      (
        "{\"sources\": [\(source), \(source.replacing("5", with: "4"))]}",
        "the weights sum to 0.9; give fractions that sum to 1, or whole numbers", 64
      ),
      (
        "{\"sources\": [\(source), \(source)], \(phases)}",
        "the weights [1] do not share out 2 stores; give one of 0 or more for each, not all 0", 64
      ),
      ("{\"sources\": []}", "'sources' must be a list of stores", 2),
      (
        "{\"source\": []}",
        "the file has the key 'source'; known are phases, sources", 2
      ),
    ]
    for (text, line, code) in cases {
      try folder.write("mix.json", text)
      expect(
        try command.run("plan", "--mix", "mix.json", "--window", "10"), "mix.json: " + line,
        exitCode: code)
    }
  }

  @Test func refusesWindowsThatTheTeacherDidNotSee() throws {
    try stores.makeTokens()
    try stores.makeSets(count: 70_000)
    let options = ["plan", "--tokens", "tokens.rfx", "--samples", "sets.rfx"]
    #expect(
      try row("plan", "--tokens", "tokens.rfx", "--samples", "sets.rfx")["window"] as? Int == 8)
    expect(
      try command.run(options + ["--window", "16"]),
      "sets.rfx: the samples were made over windows of 8 tokens every 8, the batches have "
        + "windows of 16; use the samples' window or make them again", exitCode: 2)
    expect(
      try command.run(options + ["--packing", "best-fit"]),
      "sets.rfx: the teacher's windows were cut as 'windows', the batches' as 'best-fit'; use "
        + "the samples' packing or make them again, or allow other windows and a biased target",
      exitCode: 2)
    let allowed = try command.run(options + ["--window", "16", "--allow-other-windows"])
    #expect(allowed.exitCode == 0)
    let packed = try command.run(options + ["--packing", "best-fit", "--allow-other-windows"])
    #expect(packed.exitCode == 0)
    try stores.makeSets("short.rfx", count: 100)
    expect(
      try command.run("plan", "--tokens", "tokens.rfx", "--samples", "short.rfx"),
      "short.rfx: the samples cover 100 positions, the tokens' windows need 69992; make the "
        + "samples again from the whole token store", exitCode: 2)
  }

  @Test func refusesNonsense() throws {
    try stores.makeTokens()
    let plan = ["plan", "--tokens", "tokens.rfx", "--window", "10"]
    let cases: [([String], String)] = [
      (
        ["--batch", "0"],
        "plan: --batch is '0', expected a whole number of 1 to 65536; see 'reflux plan --help'"
      ),
      (["--ranks", "4", "--rank", "4"], "tokens.rfx: rank is 4; give a number in 0...3"),
      (
        ["--skip", "5..<9", "--skip", "7..<8"],
        "tokens.rfx: the steps 7..<8 cannot be left out; give ranges that ascend and do not touch"
      ),
    ]
    for (options, line) in cases {
      expect(try command.run(plan + options), line, exitCode: 64)
    }
    expect(
      try command.run("plan", "--tokens", "tokens.rfx", "--window", "80000"),
      "tokens.rfx: the store holds 70000 tokens, one batch needs 640001; use a smaller batch or "
        + "window, or more text", exitCode: 2)
    let unnamed = try command.run("plan")
    #expect(unnamed.exitCode == 64)
    #expect(
      unnamed.diagnostics.hasPrefix("reflux: plan: name the stores by one of --tokens and --mix;"))
  }

  @Test func leavesStepsOut() throws {
    try stores.makeTokens()
    let plan = try row(
      "plan", "--tokens", "tokens.rfx", "--window", "10", "--skip", "1..<4", "--show", "3")
    let batches = try #require(plan["batches"] as? [[String: Any]])
    let steps = batches.compactMap { $0["data_step"] as? Int }
    #expect(steps == [0, 4, 5])
  }
}
