import Foundation
import TestSupport
import Testing

/// The forms in which `reflux cache` stores sets: shards, encodings, weights, optional fields.
@Suite struct CacheFormTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func cache(_ output: String, _ more: String...) -> [String] {
    [
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", output, "--context",
      "8", "--rounds", "6", "--precision", "float32", "--quiet",
    ] + more
  }

  private func facts(_ store: String) throws -> [String: Any] {
    try JSONRows(samples.done("inspect", store, "--json")).rows[0]
  }

  private func makeTeacher() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
  }

  /// Shards that were captured apart, joined by their manifest, are the capture of all.
  @Test func capturesShards() throws {
    try makeTeacher()
    try samples.done(cache("whole.rfx", "--record", "mass,label"))
    try FileManager.default.createDirectory(
      atPath: folder.file("s"), withIntermediateDirectories: false)
    // The cuts lie within windows and within groups of windows.
    for (name, range) in [("b", "101..<333"), ("a", "..<101"), ("c", "333..<")] {
      try samples.done(cache("s/\(name).rfx", "--record", "label,mass", "--range", range))
    }
    #expect(try facts("s/b.rfx")["first_position"] as? Int == 101)
    #expect(try facts("s/b.rfx")["records"] as? Int == 232)
    try samples.done(["merge", "--manifest", "s"])
    let (whole, shards) = (try facts("whole.rfx"), try facts("s"))
    #expect(whole["fingerprint"] as? String == shards["fingerprint"] as? String)
    try samples.done("verify", "s", "--against", "tokens.rfx")
    let training =
      LearningSamples.training + ["--loss", "rskd", "--steps", "3", "--quiet", "--json"]
    let losses = try ["whole.rfx", "s"].map { store in
      try JSONRows(samples.done(training + ["--samples", store, "--output", "out-" + store]))
        .numbers("loss")
    }
    #expect(losses[0] == losses[1] && losses[0].count == 3)
  }

  @Test func storesPlainAndPackedAlike() throws {
    try makeTeacher()
    try samples.done(cache("packed.rfx"))
    try samples.done(cache("plain.rfx", "--encoding", "plain", "--level", "9"))
    #expect(try facts("packed.rfx")["encoding"] as? String == "packed")
    #expect(try facts("plain.rfx")["encoding"] as? String == "plain")
    #expect(try samples.done("cat", "plain.rfx") == samples.done("cat", "packed.rfx"))
    #expect(try samples.done("diff", "plain.rfx", "packed.rfx").hasPrefix("same "))
  }

  /// Each encoding holds the probabilities as exactly as it says.
  @Test(arguments: [("float32", 0.0), ("float16", 0x1p-11), ("logarithm8", 0.022)])
  func storesWeights(values: String, error: Double) throws {
    try makeTeacher()
    try samples.done(cache("exact.rfx", "--estimator", "topk"))
    try samples.done(cache("x.rfx", "--estimator", "topk", "--weights", values))
    #expect(try facts("x.rfx")["values"] as? String == values)
    let weights = try ["exact.rfx", "x.rfx"].map { store in
      try JSONRows(samples.done("cat", store)).rows.flatMap { $0["weights"] as? [Double] ?? [] }
    }
    #expect(weights[0].count == weights[1].count && !weights[0].isEmpty)
    for (exact, stored) in zip(weights[0], weights[1]) where exact > 1e-4 {
      #expect(abs(stored / exact - 1) <= error + 1e-7)
    }
  }

  /// What is kept of the whole distribution fits the sets that were drawn from it.
  @Test func recordsWhatTheTeacherKnows() throws {
    try makeTeacher()
    try samples.done(
      cache("x.rfx", "--estimator", "topk", "--record", "mass,logsum,entropy,label"))
    let rows = try JSONRows(samples.done("cat", "x.rfx")).rows
    let tokens = try JSONRows(samples.done("cat", "tokens.rfx")).rows.map { $0["token"] as? Int }
    #expect(
      rows[0].keys.sorted() == [
        "entropy", "ids", "label", "logsum", "mass", "record", "weights",
      ])
    for (position, row) in rows.enumerated() {
      let weights = row["weights"] as? [Double] ?? []
      let mass = try #require(row["mass"] as? Double)
      #expect(abs(mass - weights.reduce(0, +)) < 1e-5)
      let entropy = try #require(row["entropy"] as? Double)
      // At least that of the heaviest ids, at most that of 257 alike.
      #expect(entropy > 0 && entropy <= log(257) + 1e-5)
      let label = try #require(row["label"] as? Double)
      guard position + 1 < tokens.count else {
        #expect(label == 0)
        continue
      }
      let ids = row["ids"] as? [Int] ?? []
      if let place = ids.firstIndex(where: { $0 == tokens[position + 1] }) {
        #expect(abs(label - weights[place]) < 1e-6)
      } else {
        #expect(label <= (weights.min() ?? 1) + 1e-6)
      }
    }
  }

  /// Counts of p^tau, a temperature and the sum of powers, and what inspect says of them.
  @Test func storesOtherTargets() throws {
    try makeTeacher()
    try samples.done(
      cache(
        "x.rfx", "--tau", "0.5", "--uncorrected", "--temperature", "2", "--record", "power,label",
        "--gamma", "0.25"))
    let sampler = try facts("x.rfx")["sampler"] as? [String: Any]
    #expect(sampler?["target"] as? String == "tempered")
    #expect(sampler?["temperature"] as? Double == 2)
    #expect(sampler?["gamma"] as? Double == 0.25)
    let text = try samples.done("inspect", "x.rfx")
    #expect(
      text.contains(
        "multinomial, 6 rounds, tau 0.5 uncorrected, temperature 2, gamma 0.25, seed 0"))
    for row in try JSONRows(samples.done("cat", "x.rfx")).rows {
      #expect((row["counts"] as? [Int])?.reduce(0, +) == 6)
      // Of 257 ids: between one sure id and all alike.
      let power = try #require(row["power"] as? Double)
      #expect(power >= 1 && power <= pow(257, 0.75) + 1e-3)
    }
    // Rewriting keeps it, and the default exponent is 0.5.
    try samples.done("recompress", "x.rfx", "--output", "y.rfx", "--encoding", "plain")
    #expect(try samples.done("diff", "x.rfx", "y.rfx").hasPrefix("same "))
    let kept = try facts("y.rfx")["sampler"] as? [String: Any]
    #expect(kept?["target"] as? String == "tempered" && kept?["gamma"] as? Double == 0.25)
    try samples.done("split", "x.rfx", "--output", "shards", "--shards", "3")
    try samples.done("merge", "shards", "--output", "z.rfx")
    #expect(try samples.done("diff", "x.rfx", "z.rfx").hasPrefix("same "))
    #expect(try samples.done("inspect", "z.rfx").contains("tau 0.5 uncorrected, temperature 2"))
    try samples.done("verify", "z.rfx", "--against", "tokens.rfx")
    try samples.done(cache("half.rfx", "--record", "power"))
    let half = try facts("half.rfx")["sampler"] as? [String: Any]
    #expect(half?["gamma"] as? Double == 0.5)
    #expect(half?["target"] == nil && half?["temperature"] == nil)
    let other = try samples.done("diff", "half.rfx", "half.rfx")
    #expect(other.hasPrefix("same "))
  }

  /// The header says what wrote the store, when, and what its maker noted; resuming changes none
  /// of it.
  @Test func notesWhereTheSetsComeFrom() throws {
    try samples.makeTokens(words: 20_000)
    try samples.makeTeacher()
    let limited = cache("x.rfx", "--note", "run=7=a", "--note", "by=me").joined(separator: " ")
    #expect(try command.shell("ulimit -f 60; exec \"$reflux\" \(limited)").exitCode == 1)
    let begun = try facts("x.rfx.partial")
    #expect(begun["sealed"] as? Bool == false)
    try samples.done(cache("x.rfx", "--note", "by=me", "--note", "run=7=a"))
    let facts = try facts("x.rfx")
    #expect(facts["notes"] as? [String: String] == ["run": "7=a", "by": "me"])
    #expect(facts["software"] as? String == "reflux 0.1.0")
    #expect(facts["packing"] as? String == "windows")
    #expect(facts["created"] as? String == begun["created"] as? String)
    #expect((facts["created"] as? String)?.hasSuffix("Z") == true)
    let other = try command.run(cache("y.rfx", "--range", "0..<9999999"))
    #expect(other.exitCode == 64)
    #expect(other.diagnostics.hasPrefix("reflux: tokens.rfx: has "))
  }

  @Test(arguments: [
    ["--note", "no"], ["--note", "A=b"], ["--note", "=b"], ["--note", "a="],
    ["--note", "a=1", "--note", "a=2"], ["--note", "teacher=x"], ["--level", "13"],
    ["--level", "9"],
    ["--encoding", "zip"], ["--record", "mass,mass"], ["--record", "mass,"], ["--record", "all"],
    ["--note", "gamma=1"], ["--note", "target=x"], ["--note", "temperature=2"],
    ["--uncorrected"], ["--estimator", "topk", "--uncorrected"], ["--temperature", "0"],
    ["--temperature", "-1"], ["--temperature", "nan"], ["--temperature", "101"],
    ["--gamma", "0.5"], ["--record", "power", "--gamma", "0"],
    ["--record", "power", "--gamma=-1"], ["--record", "power", "--gamma", "nan"],
    ["--weights", "float16"], ["--estimator", "topk", "--weights", "counts"], ["--range", "5"],
  ])
  func refusesWrongUsage(options: [String]) throws {
    let run = try command.run(cache("x.rfx") + options)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.contains("--help"))
  }
}
