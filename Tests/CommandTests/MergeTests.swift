import Foundation
import RefluxStorage
import TestSupport
import Testing

/// `reflux split` and `reflux merge`: content, sums of the tokens, manifests, refusals.
@Suite struct MergeTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  private func makeStores() throws {
    try stores.makeTokens()
    try stores.makeSets()
  }

  // MARK: There and back

  @Test(arguments: [
    ("tokens.rfx", "--shards", "3"), ("tokens.rfx", "--records", "9999"),
    ("sets.rfx", "--shards", "3"), ("sets.rfx", "--records", "5000"),
    ("sets.rfx", "--shards", "11"),
    ("sets.rfx", "--shards", "1"),
  ])
  func joinsWhatWasCut(store: String, option: String, value: String) throws {
    try makeStores()
    let print = try stores.fingerprint(store)
    try stores.done("split", store, "--output", "shards", option, value, "--quiet")
    #expect(try stores.fingerprint("shards") == print)
    #expect(try stores.done("verify", "shards", "--quiet").hasPrefix("ok              yes\n"))
    #expect(try stores.done("cat", "shards") == stores.done("cat", store))
    try stores.done("merge", "shards", "--output", "whole.rfx", "--quiet")
    #expect(try stores.fingerprint("whole.rfx") == print)
    #expect(try stores.done("diff", "whole.rfx", store).hasPrefix("same                 yes\n"))
    for fact in ["documents", "blocks", "encoding", "dictionary bytes", "records"] {
      #expect(try stores.fact(fact, of: "whole.rfx") == stores.fact(fact, of: store))
    }
    if store == "sets.rfx" {
      for path in ["shards", "whole.rfx"] {
        try stores.done("verify", path, "--against", "tokens.rfx")
      }
    }
  }

  @Test func cutsBetweenBlocksSoThatSumsStay() throws {
    try makeStores()
    let sums = try stores.sums(of: "sets.rfx")
    #expect(sums.count == 3 && !sums.contains(0))
    try stores.done("split", "sets.rfx", "--output", "shards", "--shards", "2")
    let names = ["shards/shard-00000-of-00002.rfx", "shards/shard-00001-of-00002.rfx"]
    #expect(try names.flatMap(stores.sums(of:)) == sums)
    try stores.done("merge", "shards", "--output", "whole.rfx")
    #expect(try stores.sums(of: "whole.rfx") == sums)
  }

  /// Where blocks do not coincide nobody knows the sums, unless the tokens are named.
  @Test func fillsSumsFromTheTokens() throws {
    try makeStores()
    let sums = try stores.sums(of: "sets.rfx")
    try stores.done("split", "sets.rfx", "--output", "bare", "--records", "7000")
    try stores.done(
      "split", "sets.rfx", "--output", "summed", "--records", "7000", "--tokens", "tokens.rfx")
    #expect(try stores.sums(of: "bare/shard-00000-of-00002.rfx") == [sums[0], 0])
    #expect(try !stores.sums(of: "summed/shard-00000-of-00002.rfx").contains(0))
    try stores.done("merge", "bare", "--output", "bare.rfx")
    #expect(try stores.sums(of: "bare.rfx") == [sums[0], 0, 0])
    try stores.done("merge", "bare", "--output", "filled.rfx", "--tokens", "tokens.rfx")
    #expect(try stores.sums(of: "filled.rfx") == sums)
  }

  @Test func refusesOtherTokensForTheSums() throws {
    try makeStores()
    try stores.makeTokens("other.rfx", seed: 2)
    let run = try command.run(
      "merge", "sets.rfx", "--output", "out.rfx", "--tokens", "other.rfx", "--quiet")
    #expect(run.exitCode == 2)
    #expect(run.output == "")
    #expect(run.diagnostics.hasPrefix("reflux: sets.rfx: the samples belong to tokens "))
    #expect(!folder.exists("out.rfx"))
  }

  @Test func takesShardsInAnyOrderAndPrintsWhatItWrote() throws {
    try makeStores()
    try stores.done("split", "tokens.rfx", "--output", "s", "--shards", "3", "--quiet")
    let names = (0..<3).map { "s/shard-0000\($0)-of-00003.rfx" }
    let run = try command.run(
      ["merge", names[2], names[0], names[1], "--output", "out.rfx", "--json", "--quiet"])
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    let inspected = try stores.done("inspect", "out.rfx", "--json")
    #expect(run.output == "{\"output\":\"out.rfx\"," + inspected.dropFirst())
    #expect(inspected.contains("\"records\":70000,"))
  }

  /// Some shards that follow each other make a larger shard.
  @Test func joinsAPartIntoAShard() throws {
    try makeStores()
    try stores.done("split", "sets.rfx", "--output", "s", "--records", "3000", "--quiet")
    let names = (1..<3).map { "s/shard-0000\($0)-of-00004.rfx" }
    let run = try command.run("merge", names[0], names[1], "--output", "part.rfx", "--quiet")
    #expect(run.exitCode == 0)
    #expect(
      run.diagnostics == "reflux: part.rfx: the result is a shard from position 3000 on\n")
    #expect(try stores.fact("first position", of: "part.rfx") == "3,000")
    #expect(try stores.fact("records", of: "part.rfx") == "6,000")
    let cut = try command.run("split", "part.rfx", "--output", "t", "--shards", "2")
    #expect(
      cut
        == .init(
          diagnostics: "reflux: part.rfx: the store is a shard from position 3000 on; "
            + "join all shards ('reflux merge')\n", exitCode: 2))
  }

  // MARK: Manifests

  @Test(arguments: [["--manifest", "s"], ["--output", "s/manifest.json"]])
  func writesOnlyTheManifest(form: [String]) throws {
    try makeStores()
    let print = try stores.fingerprint("sets.rfx")
    try stores.done("split", "sets.rfx", "--output", "s", "--shards", "3", "--quiet")
    let before = try folder.bytes("s/manifest.json")
    try FileManager.default.removeItem(atPath: folder.file("s/manifest.json"))
    let missing = try command.run("inspect", "s")
    #expect(
      missing
        == .init(
          diagnostics: "reflux: s: manifest.json: not in the folder; name a store, or join shards "
            + "into one ('reflux merge --manifest')\n", exitCode: 2))
    let run = try command.run(["merge"] + form + ["--json"])
    #expect(run.exitCode == 0)
    #expect(run.output.contains("\"output\":\"s\",\"kind\":\"samples\""))
    #expect(run.output.contains("\"files\":3,"))
    #expect(try folder.bytes("s/manifest.json") == before)
    #expect(try stores.fingerprint("s") == print)
  }

  @Test func refusesManifestsThatCannotBe() throws {
    try makeStores()
    try stores.done("split", "sets.rfx", "--output", "s", "--shards", "3", "--quiet")
    func refusal(_ arguments: String...) throws -> Command.Outcome {
      try command.run(["merge"] + arguments)
    }
    #expect(
      try refusal("sets.rfx", "--manifest", "s")
        == .init(
          diagnostics:
            "reflux: sets.rfx: does not lie in s; move it there or merge into one file\n",
          exitCode: 2))
    #expect(
      try refusal("s/shard-00001-of-00003.rfx", "--manifest", "s")
        == .init(
          diagnostics: "reflux: s/shard-00001-of-00003.rfx: starts at position 5040; name the "
            + "shards before it\n", exitCode: 2))
    #expect(
      try refusal("--manifest", "none")
        == .init(
          diagnostics: "reflux: none: there is no such folder; name the folder of the shards\n",
          exitCode: 1))
    try folder.write("empty/a.txt", "a")
    #expect(
      try refusal("--manifest", "empty")
        == .init(
          diagnostics: "reflux: empty: there are no .rfx files in the folder; "
            + "name a folder of shards\n", exitCode: 2))
  }

  // MARK: Refusals

  /// One line that names the shard, exit 2, nothing written.
  private func expectRefusal(
    _ shards: [String], _ line: String, location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try command.run(["merge"] + shards + ["--output", "out.rfx", "--quiet"])
        == .init(diagnostics: "reflux: \(line)\n", exitCode: 2), sourceLocation: location)
    #expect(try !folder.names().contains { $0.hasPrefix("out.rfx") }, sourceLocation: location)
  }

  @Test func refusesShardsThatDoNotJoin() throws {
    try makeStores()
    try stores.done("split", "sets.rfx", "--output", "s", "--records", "4000", "--quiet")
    try stores.done("split", "tokens.rfx", "--output", "t", "--records", "4000", "--quiet")
    let sets = (0..<3).map { "s/shard-0000\($0)-of-00003.rfx" }
    try expectRefusal(
      [sets[2], sets[0]],
      "\(sets[2]): starts at position 8000, but \(sets[0]) ends at 4000; "
        + "name the shards between them")
    try expectRefusal(
      [sets[1], "sets.rfx"],
      "\(sets[1]): starts at position 4000, but sets.rfx ends at 12000; name only one of them")
    try expectRefusal(
      [sets[0], sets[0]],
      "\(sets[0]): starts at position 0, but \(sets[0]) ends at 4000; name only one of them")
    try expectRefusal(
      [sets[0], "t/shard-00001-of-00018.rfx"],
      "t/shard-00001-of-00018.rfx: the store holds tokens, expected samples; "
        + "name a store of samples")
    try folder.write("text.rfx", "to be or not")
    try expectRefusal(
      [sets[0], "text.rfx"],
      "text.rfx: not a store: it starts with \"to be or\"; name a store (.rfx)")
  }

  @Test func refusesShardsOfOtherStores() throws {
    try makeStores()
    var other = try stores.configuration()
    other.provenance.teacher = "another"
    other.firstPosition = LongStores.sets
    let writer = try SampleStoreWriter(path: folder.file("other.rfx"), configuration: other)
    try writer.append(ids: [1], counts: [4])
    _ = try writer.seal()
    try expectRefusal(
      ["sets.rfx", "other.rfx"],
      "other.rfx: has teacher another, but sets.rfx has teacher; join shards of one store")
  }

  @Test func saysWhichShardIsDamagedAndWritesNothing() throws {
    try makeStores()
    try stores.done("split", "sets.rfx", "--output", "s", "--shards", "2", "--quiet")
    try stores.damage("s/shard-00001-of-00002.rfx", into: "s/shard-00001-of-00002.rfx")
    let run = try command.run("merge", "s", "--output", "out.rfx", "--quiet")
    #expect(run.exitCode == 2)
    #expect(
      run.diagnostics.hasPrefix(
        "reflux: s/shard-00001-of-00002.rfx: block 0 at offset "))
    #expect(!folder.exists("out.rfx"))
    let missing = try command.run("merge", "none.rfx", "--output", "out.rfx")
    #expect(
      missing
        == .init(
          diagnostics: "reflux: none.rfx: cannot open: No such file or directory; check the path\n",
          exitCode: 1))
  }

  @Test func refusesCutsThatCannotBe() throws {
    try Samples.makeTokens(in: folder)
    func split(_ arguments: String...) throws -> Command.Outcome {
      try command.run(["split", "corpus.rfx", "--output", "s"] + arguments)
    }
    #expect(
      try split("--shards", "23")
        == .init(
          diagnostics: "reflux: corpus.rfx: 22 records cannot be cut into 23 shards; "
            + "name 1 to 22\n", exitCode: 1))
    try folder.write("s/notes.txt", "a")
    #expect(
      try split("--shards", "2", "--quiet")
        == .init(
          diagnostics: "reflux: s: the folder holds notes.txt already; "
            + "name an empty or a new folder\n", exitCode: 1))
    #expect(try folder.names() == ["corpus.rfx", "s", "text", "tokenizer.json"])
  }

  /// What an earlier run left is replaced by the same command.
  @Test func splitGoesOverWhatItLeft() throws {
    try makeStores()
    let arguments = ["split", "sets.rfx", "--output", "s", "--shards", "4", "--quiet"]
    #expect(try command.run(arguments).exitCode == 0)
    try FileManager.default.removeItem(atPath: folder.file("s/manifest.json"))
    try folder.write("s/shard-00002-of-00004.rfx.partial", "torn")
    #expect(try command.run(arguments).exitCode == 0)
    #expect(try stores.fingerprint("s") == stores.fingerprint("sets.rfx"))
    let again = try command.run(arguments)
    #expect(again.exitCode == 1)
    #expect(again.diagnostics.hasPrefix("reflux: s: the folder holds manifest.json already; "))
  }
}
