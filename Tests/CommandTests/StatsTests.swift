import Foundation
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// `reflux stats` and `reflux forecast`.
@Suite struct StatsTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  private func facts(_ arguments: String...) throws -> [String: Any] {
    try JSONRows(try stores.done(["stats"] + arguments + ["--json"])).rows[0]
  }

  // MARK: Samples

  @Test func countsSmallSets() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    let size = try folder.bytes("samples.rfx").count
    let run = try command.run("stats", "samples.rfx", "--quiet")
    #expect(run.exitCode == 0)
    #expect(
      run.output.hasPrefix(
        """
        kind                   samples
        records                22
        unique ids per record  2
        median of unique ids   2
        99 % have at most      2
        most unique ids        2
        file bytes             \(size)

        """))
  }

  /// Every byte belongs to one part, whatever the form.
  @Test(arguments: SampleEncoding.allCases)
  func saysWhatEveryByteIs(encoding: SampleEncoding) throws {
    try stores.makeTokens()
    try stores.makeSets(encoding: encoding, extras: [.mass, .entropy])
    try stores.done("split", "sets.rfx", "--output", "s", "--records", "5000")
    for path in ["sets.rfx", "s"] {
      let facts = try facts(path)
      let parts = try #require(facts["bytes_by_part"] as? [String: Int])
      let shards = try path == "s" ? folder.names("s").filter { $0.hasSuffix(".rfx") } : []
      let files = shards.isEmpty ? [path] : shards.map { "s/" + $0 }
      let size = try files.reduce(0) { try $0 + folder.bytes($1).count }
      #expect(parts.values.reduce(0, +) == size)
      #expect(facts["file_bytes"] as? Int == size)
      #expect(parts["trailer"] == 80 * files.count)
      #expect(parts["block_headers"].map { $0 % 48 } == 0)
      if encoding == .packed {
        #expect(parts["optional_fields"] == 8 * LongStores.sets)
        #expect(parts["dictionary"] == 160 * files.count)
        #expect(parts["streams"] ?? 0 > 30_000)
      } else {
        #expect(parts["lz4_columns"] ?? parts["ids"] ?? 0 > size / 3)
      }
    }
  }

  @Test func countsIDsLabelsAndFields() throws {
    try stores.makeTokens()
    try stores.makeSets(extras: [.mass, .entropy])
    let sets = (0..<LongStores.sets).map { LongStores.set(of: $0) }
    let tokens = try TokenStore(path: folder.file("tokens.rfx")).makeReader().read(1..<12_001)
    let facts = try facts("sets.rfx", "--against", "tokens.rfx")
    let unique = sets.map(\.ids.count)
    #expect(
      facts["unique_ids_per_record"] as? Double
        == Double(unique.reduce(0, +)) / Double(LongStores.sets))
    #expect(facts["unique_ids_max"] as? Int == 4)
    let histogram = try #require(facts["unique_ids_histogram"] as? [[String: Int]])
    for bar in histogram {
      let count = unique.count { $0 == bar["ids"] }
      #expect(bar["records"] == count)
    }
    #expect(histogram.reduce(0) { $0 + ($1["records"] ?? 0) } == LongStores.sets)
    let hits = zip(sets, tokens).count { $0.ids.contains($1) }
    #expect(facts["labels"] as? Int == LongStores.sets)
    let percent = try #require(facts["label_in_support_percent"] as? Double)
    #expect(abs(percent - 100 * Double(hits) / Double(LongStores.sets)) < 1e-9)
    let mass = try #require(facts["mass"] as? [String: Double])
    #expect(mass["max"] == Double(Float(1) / 8) && mass["min"] == Double(Float(1) / 14))
    let steps = try #require(facts["mass_histogram"] as? [Int])
    #expect(steps.count == 20 && steps.reduce(0, +) == LongStores.sets)
    #expect((facts["entropy"] as? [String: Double])?["max"] == 0.25)
  }

  /// The last token of a text has no label.
  @Test func leavesOutTheLastToken() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder, weighted: true)
    let facts = try facts("samples.rfx", "--against", "corpus.rfx")
    #expect(facts["labels"] as? Int == 21)
    #expect((facts["mass"] as? [String: Double]) == ["mean": 1, "min": 1, "max": 1])
  }

  // MARK: Tokens

  @Test func countsTokens() throws {
    try Samples.makeTokens(in: folder)
    let size = try folder.bytes("corpus.rfx").count
    let facts = try facts("corpus.rfx")
    #expect(facts["kind"] as? String == "tokens")
    #expect(facts["documents"] as? Int == 3)
    #expect(facts["document_tokens_min"] as? Int == 7)
    #expect(facts["document_tokens_p50"] as? Int == 7)
    #expect(facts["document_tokens_max"] as? Int == 8)
    let most = try #require(facts["most_frequent_ids"] as? [[String: Int]])
    // "o" stands in every text; so does the line's end, and the end of the text.
    #expect(most.first == ["id": 79, "count": 4])
    #expect(most.reduce(0) { $0 + ($1["count"] ?? 0) } == 22)
    #expect(facts["different_ids"] as? Int == most.count)
    let parts = try #require(facts["bytes_by_part"] as? [String: Int])
    #expect(parts.values.reduce(0, +) == size)
  }

  // MARK: Pages

  @Test func writesAPageThatNeedsNothingElse() throws {
    try stores.makeTokens()
    try stores.makeSets(extras: [.mass])
    for (store, title) in [("sets.rfx", "Unique ids per record"), ("tokens.rfx", "Lengths of")] {
      let plain = try command.run("stats", store, "--quiet")
      let run = try command.run("stats", store, "--html", "page.html", "--quiet")
      #expect(run == plain)
      let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
      #expect(page.hasPrefix("<!DOCTYPE html>\n") && page.hasSuffix("</html>\n"))
      #expect(page.contains("<h1>\(store)</h1>") && page.contains(title))
      #expect(page.contains("<svg") && !page.contains("<script"))
      #expect(page.utf8.count < 60_000)
    }
  }

  // MARK: Refusals

  @Test func refusesWhatDoesNotFit() throws {
    try stores.makeTokens()
    try stores.makeSets()
    try stores.makeTokens("other.rfx", seed: 2)
    let other = try command.run("stats", "sets.rfx", "--against", "other.rfx")
    #expect(other.exitCode == 2)
    #expect(other.diagnostics.hasPrefix("reflux: sets.rfx: the samples belong to tokens "))
    #expect(
      try command.run("stats", "tokens.rfx", "--against", "tokens.rfx")
        == .init(
          diagnostics: "reflux: tokens.rfx: the store holds tokens, expected samples; "
            + "name a store of samples\n", exitCode: 2))
    let page = try command.run("stats", "sets.rfx", "--html", "sets.rfx")
    #expect(page.exitCode == 64)
    let none = try command.run("stats", "sets.rfx", "--html", "none/page.html")
    #expect(
      none
        == .init(
          diagnostics: "reflux: none/page.html: there is no folder none; create it or name another "
            + "output\n", exitCode: 1))
    try stores.damage("sets.rfx", into: "damaged.rfx")
    let damaged = try command.run("stats", "damaged.rfx")
    #expect(damaged.exitCode == 2 && damaged.output == "")
  }

  // MARK: forecast

  @Test func forecastsFromTheModel() throws {
    let run = try command.run(
      "forecast", "--tokens", "100e9", "--vocabulary", "128256", "--rounds", "50",
      "--tokens-per-second", "25000")
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    #expect(
      run.output.hasPrefix(
        """
        size                   2.2 TB
        bytes per record       22
        unique ids per record  12
        time                   46.3 days
        basis                  0.974 x rounds^0.642 ids per set; packed ids of 14 bits
        """))
    let json = try JSONRows(
      stores.done(
        "forecast", "--tokens", "1000", "--vocabulary", "50000", "--rounds", "4", "--encoding",
        "plain", "--json"))
    #expect(json.keys == ["basis", "bytes", "bytes_per_record", "unique_ids_per_record"])
    // An id of 2 bytes and a count of one, and the length of the set.
    let ids = 0.974 * pow(4, 0.642)
    #expect(abs(json.numbers("unique_ids_per_record")[0] - ids) < 1e-9)
    #expect(abs(json.numbers("bytes_per_record")[0] - (1 + 3 * ids)) < 1e-9)
  }

  /// From a store of the same settings the forecast is that store's own size.
  @Test(arguments: SampleEncoding.allCases)
  func forecastsFromAStore(encoding: SampleEncoding) throws {
    try stores.makeTokens()
    try stores.makeSets(encoding: encoding)
    let size = Double(try folder.bytes("sets.rfx").count)
    let own = try JSONRows(
      stores.done("forecast", "--tokens", "12000", "--from", "sets.rfx", "--json"))
    #expect(abs(own.numbers("bytes")[0] / size - 1) < 0.02)
    let more = try JSONRows(
      stores.done(
        "forecast", "--tokens", "24000", "--from", "sets.rfx", "--rounds", "40", "--json"))
    #expect(more.numbers("bytes")[0] > 4 * size)
    #expect(more.numbers("unique_ids_per_record")[0] > 3 * own.numbers("unique_ids_per_record")[0])
  }

  @Test func refusesForecastsFromNothing() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder, weighted: true)
    #expect(
      try command.run("forecast", "--tokens", "5", "--from", "samples.rfx", "--quiet")
        == .init(
          diagnostics: "reflux: samples.rfx: has no records with counts; "
            + "name a store of drawn samples\n", exitCode: 2))
    for arguments in [
      ["--tokens", "5"], ["--tokens", "5", "--rounds", "4"],
      ["--tokens", "-5", "--rounds", "4", "--vocabulary", "9"],
      ["--tokens", "1e30", "--rounds", "4", "--vocabulary", "9"],
      ["--tokens", "5", "--rounds", "0", "--vocabulary", "9"],
      ["--tokens", "5", "--rounds", "4", "--vocabulary", "16777217"],
      ["--tokens", "5", "--rounds", "4", "--vocabulary", "9", "--tokens-per-second", "0"],
    ] {
      let run = try command.run(["forecast"] + arguments)
      #expect(run.exitCode == 64 && run.output == "", "\(arguments)")
    }
  }
}
