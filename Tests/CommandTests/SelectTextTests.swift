import Foundation
import RefluxJSON
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// `reflux select --samples`, and the verbs that take its weights.
@Suite struct SelectTextTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }

  init() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.done(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "e.rfx", "--context",
      "8", "--rounds", "6", "--record", "entropy", "--precision", "float32", "--quiet")
  }

  private func select(_ words: String...) throws -> JSONObject {
    let output = try samples.done(
      ["select", "--samples", "e.rfx", "--quiet", "--json"] + words)
    return try #require(JSONValue(parsing: Array(output.utf8)).objectValue)
  }

  private func entropies() throws -> [Float] {
    let store = try SampleStore(path: folder.file("e.rfx"))
    return try store.makeReader().records(0..<store.count).map { $0.extras[.entropy] ?? -1 }
  }

  private func weights(_ name: String, count: Int) throws -> [Float] {
    let store = try TokenWeights(path: folder.file(name))
    try store.check(against: TokenStore(path: folder.file("tokens.rfx")))
    var found = [Float](repeating: -1, count: count)
    try store.makeReader().forEach(in: 0..<count) { found[$0] = $1 }
    return found
  }

  /// The units with the highest means, by a plain sort.
  private func expected(_ units: [Range<Int>], _ share: Double, _ entropies: [Float]) -> [Float] {
    let means = units.map { unit in
      entropies[unit].reduce(0.0) { $0 + Double($1) } / Double(unit.count)
    }
    let order = units.indices.sorted { (means[$0], $0) < (means[$1], $1) }
    let count = Int((share * Double(units.count)).rounded(.up))
    var weights = [Float](repeating: 0, count: entropies.count)
    for unit in order.suffix(count) { for record in units[unit] { weights[record] = 1 } }
    return weights
  }

  @Test func keepsWindows() throws {
    let entropies = try entropies()
    let units = (0..<(entropies.count - 1) / 8).map { 8 * $0..<8 * $0 + 8 }
    let facts = try select("--pick", "0.3", "--unit", "window", "--output", "w.rfx")
    let expected = expected(units, 0.3, entropies)
    #expect(try weights("w.rfx", count: entropies.count) == expected)
    #expect(facts["units"]?.integerValue == units.count)
    let kept = Int(expected.reduce(0, +))
    #expect(facts["kept_records"]?.integerValue == kept)
    #expect(facts["kept_units"]?.integerValue == kept / 8)
    let all = try select("--pick", "1", "--output", "all.rfx")
    #expect(all["kept_units"] == all["units"] && all["kept_mean_entropy"] == all["mean_entropy"])
    let mean = try #require(facts["kept_mean_entropy"]?.doubleValue)
    #expect(try mean > #require(all["mean_entropy"]?.doubleValue))
    #expect(try samples.command.run("verify", "w.rfx", "--against", "tokens.rfx").exitCode == 0)
  }

  @Test func keepsDocuments() throws {
    try folder.write("a.txt", LearningSamples.text(words: 30, seed: 3))
    try folder.write("b.txt", LearningSamples.text(words: 90, seed: 4))
    try folder.write("c.txt", LearningSamples.text(words: 60, seed: 5))
    try samples.done(
      "tokenize", "a.txt", "b.txt", "c.txt", "--tokenizer", "tokenizer.json", "--output",
      "tokens.rfx", "--quiet", "--force")
    try samples.done(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "e.rfx", "--context",
      "8", "--rounds", "6", "--record", "entropy", "--precision", "float32", "--quiet", "--force")
    let entropies = try entropies()
    let starts = try TokenStore(path: folder.file("tokens.rfx")).documentStarts()
    let ends = starts.dropFirst() + [entropies.count]
    let units = zip(starts, ends).map { $0..<$1 }
    _ = try select(
      "--pick", "0.5", "--unit", "document", "--tokens", "tokens.rfx", "--output", "w.rfx")
    #expect(try weights("w.rfx", count: entropies.count) == expected(units, 0.5, entropies))
    #expect(units.count == 3)
  }

  /// Windows without weight are left out, and the run says which weights it had.
  @Test func trainingTakesTheWeights() throws {
    _ = try select("--pick", "0.25", "--output", "w.rfx")
    let kept = try weights("w.rfx", count: 8 * (try entropies().count / 8))
    let windows = stride(from: 0, to: kept.count, by: 8).filter { kept[$0] > 0 }.map { $0 / 8 }
    let plan = try JSONRows(
      samples.done(
        "plan", "--tokens", "tokens.rfx", "--samples", "e.rfx", "--weights", "w.rfx", "--batch",
        "4", "--show", "1000", "--remainder", "carried", "--json")
    ).rows[0]
    let batches = try #require(plan["batches"] as? [[String: Any]])
    let taken = batches.flatMap { $0["windows"] as? [Int] ?? [] }
    #expect(Set(taken).isSubset(of: windows) && Set(taken).count == taken.count)
    let train =
      LearningSamples.training
      + ["--samples", "e.rfx", "--loss", "rskd", "--steps", "12", "--checkpoint-steps", "6"]
    try samples.done(train + ["--weights", "w.rfx", "--output", "run", "--quiet"])
    _ = try select("--pick", "0.5", "--output", "v.rfx")
    try FileManager.default.removeItem(atPath: folder.file("run/model.safetensors"))
    let other = try samples.command.run(
      train + ["--weights", "v.rfx", "--output", "run", "--quiet", "--force"])
    #expect(other.exitCode == 1, "\(other)")
    #expect(other.diagnostics.contains("weights of the tokens "), "\(other)")
  }

  @Test func mixesNameWeights() throws {
    _ = try select("--pick", "0.25", "--output", "w.rfx")
    try folder.write(
      "mix.json",
      #"{"sources": [{"tokens": "tokens.rfx", "samples": "e.rfx", "weights": "w.rfx"}]}"#)
    let rows = try ["--mix mix.json", "--tokens tokens.rfx --samples e.rfx --weights w.rfx"].map {
      try JSONRows(
        samples.done(["plan", "--json"] + $0.split(separator: " ").map(String.init))
      ).rows[0]["windows"] as? Int
    }
    #expect(rows[0] == rows[1] && rows[0] != nil)
  }

  @Test(arguments: [
    (
      "select --samples plain.rfx --pick 0.5 --output n.rfx",
      "plain.rfx: the selection by entropy needs the teacher's entropy, which the sets do not keep;"
        + " cache again with --record entropy\n"
    ),
    (
      "select --samples tokens.rfx --pick 0.5 --output n.rfx",
      "tokens.rfx: the store holds tokens, expected samples; "
    ),
    (
      "select --samples e.rfx --tokens other.rfx --unit document --pick 0.5 --output n.rfx",
      "e.rfx: the samples belong to tokens "
    ),
    (
      "plan --tokens tokens.rfx --weights e.rfx",
      "e.rfx: the store holds sample sets, expected weights of tokens; "
    ),
    ("plan --tokens other.rfx --weights w.rfx", "w.rfx: the samples belong to tokens "),
    (
      "plan --tokens tokens.rfx --samples w.rfx --window 8",
      "w.rfx: the store holds weights of tokens, expected sample sets; "
    ),
    (
      "plan --tokens tokens.rfx --samples e.rfx --weights w.rfx --batch 1000",
      "tokens.rfx: the weights leave "
    ),
  ])
  func refusesStores(line: String, message: String) throws {
    _ = try select("--pick", "0.25", "--output", "w.rfx")
    try samples.makeSamples("plain.rfx")
    try samples.makeOtherTokens()
    let run = try samples.command.run(line.split(separator: " ").map(String.init))
    #expect(run.exitCode == 2 && run.output == "", "\(run)")
    #expect(run.diagnostics.hasPrefix("reflux: " + message), "\(run.diagnostics)")
    #expect(!folder.exists("n.rfx"))
  }

  @Test func weightsGoWithTokens() throws {
    let run = try samples.command.run("plan", "--mix", "m.json", "--weights", "w.rfx")
    #expect(
      run.exitCode == 64 && run.diagnostics.contains("--weights goes with --tokens"), "\(run)")
  }
}
