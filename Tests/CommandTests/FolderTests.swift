import Foundation
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// Folders of shards where a store is expected.
@Suite struct FolderTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }
  private let second = "s/shard-00001-of-00003.rfx"

  private func makeFolder() throws {
    try stores.makeTokens()
    try stores.makeSets()
    try stores.done("split", "sets.rfx", "--output", "s", "--shards", "3")
  }

  @Test func inspectsAFolderAsOneStore() throws {
    try makeFolder()
    let (folder, file) = (
      try stores.done("inspect", "s").split(separator: "\n"),
      try stores.done("inspect", "sets.rfx").split(separator: "\n")
    )
    let different = zip(folder, file).filter { $0 != $1 }.map { $0.0.prefix(20) }
    #expect(
      different == [
        "files               ", "file bytes          ", "bytes per record    ",
        "software            ",
      ])
  }

  @Test(arguments: [1, 2, 8])
  func namesEveryBadBlockOfAFolder(jobs: Int) throws {
    try makeFolder()
    try stores.damage(second, into: second)
    try stores.damage("s/shard-00002-of-00003.rfx", into: "s/shard-00002-of-00003.rfx")
    let run = try command.run("verify", "s", "--jobs", "\(jobs)", "--quiet", "--json")
    #expect(run.exitCode == 2)
    let facts = try JSONRows(run.output).rows[0]
    #expect(facts["blocks"] as? Int == 3)
    #expect(facts["records"] as? Int == 5040)
    let errors = try #require(facts["errors"] as? [[String: Any]])
    #expect(
      errors.map { $0["file"] as? String } == [
        "shard-00001-of-00003.rfx", "shard-00002-of-00003.rfx",
      ])
    #expect(
      run.diagnostics.hasPrefix(
        "reflux: s: 2 errors, the first: shard-00001-of-00003.rfx: block 0 at offset "))
  }

  /// The outcome does not depend on the threads, nor on how many errors there are.
  @Test func verifiesWithAnyNumberOfThreads() throws {
    try stores.makeTokens()
    var bytes = try folder.bytes("tokens.rfx")
    for start in stride(from: 0, to: bytes.count, by: 8)
    where bytes[start..<start + 4].elementsEqual("RFXB".utf8) {
      bytes[start + 60] ^= 1
    }
    try folder.write("damaged.rfx", bytes)
    let runs = try ["1", "3"].map {
      try command.run("verify", "damaged.rfx", "--jobs", $0, "--json", "--quiet")
    }
    #expect(runs[0] == runs[1])
    let errors = try JSONRows(runs[0].output).rows[0]["errors"] as? [[String: Any]]
    #expect(errors?.map { $0["block"] as? Int } == [0, 1, 2])
    #expect(try command.run("verify", "tokens.rfx", "--jobs", "0").exitCode == 64)
  }

  @Test func saysWhichShardOfAFolderToRecover() throws {
    try makeFolder()
    #expect(
      try command.run("recover", "s", "--output", "out.rfx", "--quiet")
        == .init(
          diagnostics: "reflux: s: no shard is damaged; 'reflux merge' joins shards\n", exitCode: 2
        ))
    try stores.damage(second, into: second)
    #expect(
      try command.run("recover", "s", "--output", "out.rfx", "--quiet")
        == .init(
          diagnostics: "reflux: s: a folder, in which shard-00001-of-00003.rfx is damaged; recover "
            + "shard by shard: 'reflux recover s/shard-00001-of-00003.rfx --output <store>'\n",
          exitCode: 2))
    #expect(!folder.exists("out.rfx"))
    let cat = try command.run("cat", "s")
    #expect(cat.exitCode == 2)
    #expect(
      cat.diagnostics.hasPrefix("reflux: s: shard-00001-of-00003.rfx: block 0 at offset "))
  }

  /// Packed sets, weights of every kind, optional fields and shards come through a recovery.
  @Test(arguments: SampleValues.allCases)
  func recoversEveryKind(values: SampleValues) throws {
    try stores.makeTokens()
    var configuration = try stores.configuration(values: values, extras: [.logsum, .label])
    configuration.firstPosition = 100
    let writer = try SampleStoreWriter(path: folder.file("x.rfx"), configuration: configuration)
    let tokens = try TokenStore(path: folder.file("tokens.rfx")).makeReader().read(100..<8100)
    for (index, token) in tokens.enumerated() {
      let set = LongStores.set(of: index)
      let extras: [Float] = [-1.5, 0.25]
      if values == .counts {
        try writer.append(ids: set.ids, counts: set.counts, token: token, extras: extras)
      } else {
        let weights = set.counts.map { Float($0) / 4 }
        try writer.append(ids: set.ids, weights: weights, token: token, extras: extras)
      }
    }
    _ = try writer.seal()
    try folder.write("cut.rfx", Array(try folder.bytes("x.rfx").dropLast(40)))
    try stores.done("recover", "cut.rfx", "--output", "saved.rfx", "--quiet")
    #expect(try stores.fingerprint("saved.rfx") == stores.fingerprint("x.rfx"))
    #expect(try stores.fact("first position", of: "saved.rfx") == "100")
    try stores.done("verify", "saved.rfx", "--against", "tokens.rfx")
    try stores.damage("x.rfx", into: "damaged.rfx")
    let run = try command.run("recover", "damaged.rfx", "--output", "none.rfx", "--json", "--quiet")
    #expect(run.exitCode == 0)
    #expect(
      run.output == #"{"output":"none.rfx","records_recovered":0,"records_lost":8000}"# + "\n")
  }
}
