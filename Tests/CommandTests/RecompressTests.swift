import Foundation
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// `reflux recompress`: other bytes, the same content.
@Suite struct RecompressTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  @Test(arguments: [["--encoding", "plain"], ["--encoding", "packed"], ["--level", "12"], []])
  func keepsRecordsAndSums(options: [String]) throws {
    try stores.makeTokens()
    for encoding in SampleEncoding.allCases {
      let name = "\(encoding).rfx"
      try stores.makeSets(name, encoding: encoding, extras: [.mass, .label])
      let run = try command.run(
        ["recompress", name, "--output", "out.rfx", "--force", "--quiet", "--json"] + options)
      #expect(run.exitCode == 0)
      #expect(run.diagnostics == "")
      let inspected = try stores.done("inspect", "out.rfx", "--json")
      #expect(run.output == "{\"output\":\"out.rfx\"," + inspected.dropFirst())
      #expect(try stores.fingerprint("out.rfx") == stores.fingerprint(name))
      #expect(try stores.done("cat", "out.rfx") == stores.done("cat", name))
      #expect(try stores.sums(of: "out.rfx") == stores.sums(of: name))
      let expected = options.first == "--encoding" ? options[1] : encoding.rawValue
      #expect(try stores.fact("encoding", of: "out.rfx") == expected)
      try stores.done("verify", "out.rfx", "--against", "tokens.rfx")
    }
  }

  /// The frequencies of the sets themselves pack better than none.
  @Test func packsByTheFrequenciesOfTheSets() throws {
    try stores.makeTokens()
    var configuration = try stores.configuration()
    configuration.frequencies = []
    let writer = try SampleStoreWriter(path: folder.file("flat.rfx"), configuration: configuration)
    for position in 0..<LongStores.sets {
      let set = LongStores.set(of: position)
      try writer.append(ids: set.ids.map { ($0 * 7 + 11) % 300 }.sorted(), counts: set.counts)
    }
    _ = try writer.seal()
    try stores.done("recompress", "flat.rfx", "--output", "ranked.rfx")
    #expect(try stores.fingerprint("ranked.rfx") == stores.fingerprint("flat.rfx"))
    let sizes = try ["flat.rfx", "ranked.rfx"].map { try folder.bytes($0).count }
    #expect(Double(sizes[1]) < 0.9 * Double(sizes[0]))
  }

  @Test func recompressesTokensAndFolders() throws {
    try stores.makeTokens()
    try stores.done("split", "tokens.rfx", "--output", "s", "--shards", "3")
    for source in ["tokens.rfx", "s"] {
      try stores.done("recompress", source, "--output", "small.rfx", "--level", "9", "--force")
      #expect(try stores.fingerprint("small.rfx") == stores.fingerprint("tokens.rfx"))
      #expect(try stores.done("diff", "small.rfx", "tokens.rfx").hasPrefix("same "))
    }
    #expect(
      try command.run("recompress", "tokens.rfx", "--output", "x.rfx", "--encoding", "packed")
        == .init(
          diagnostics: "reflux: tokens.rfx: a store of tokens cannot be packed; "
            + "leave out the encoding\n", exitCode: 1))
    #expect(!folder.exists("x.rfx"))
  }

  /// A trailer that states another fingerprint is found before the copy gets its name.
  @Test func refusesContentThatIsNotThatOfTheFingerprint() throws {
    try stores.makeTokens()
    try stores.makeSets()
    var forge = StoreForge(try folder.bytes("sets.rfx"))
    let place = forge.trailerOffset + 48
    forge.set(forge.number(at: place, width: 8) ^ 1, at: place, width: 8)
    // The checksum of the trailer itself is right, so that only the content can tell.
    forge.fixTrailer()
    try folder.write("forged.rfx", forge.bytes)
    let run = try command.run("recompress", "forged.rfx", "--output", "out.rfx", "--quiet")
    #expect(run.exitCode == 2)
    #expect(
      run.diagnostics.hasPrefix("reflux: forged.rfx: trailer at offset \(place): checksum "))
    #expect(!folder.exists("out.rfx"))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func stopsWithoutHalfAStore(number: Int32) throws {
    try stores.makeTokens()
    try stores.makeSets(count: LongStores.tokens)
    // Shards of one store, many times over, until there is work for a while.
    var configuration = try stores.configuration()
    configuration.provenance.tokensHash = 0
    let writer = try SampleStoreWriter(path: folder.file("big.rfx"), configuration: configuration)
    let sets = (0..<500).map { LongStores.set(of: $0) }
    for record in 0..<800_000 {
      try writer.append(ids: sets[record % 500].ids, counts: sets[record % 500].counts)
    }
    _ = try writer.seal()
    let run = try command.start(
      "recompress", "big.rfx", "--output", "out.rfx", "--encoding", "plain", "--level", "12")
    try waitFor("the partial file") { folder.exists("out.rfx.partial") }
    kill(run.process.processIdentifier, number)
    #expect(
      try run.outcome()
        == .init(
          diagnostics: """

            reflux: stopping at a safe place; press Ctrl-C again to stop at once
            reflux: out.rfx: interrupted; nothing new is under this name; \
            run the same command again to start over

            """, exitCode: 130))
    #expect(!folder.exists("out.rfx") && !folder.exists("out.rfx.partial"))
  }

  @Test func keepsWhatWasThereOnAFullDisk() throws {
    try stores.makeTokens()
    try stores.makeSets()
    try folder.write("out.rfx", "before")
    let run = try command.shell(
      "ulimit -f 20; exec \"$reflux\" recompress sets.rfx --output out.rfx --force --quiet")
    #expect(
      run
        == .init(
          diagnostics: "reflux: out.rfx: cannot write: File too large; free some space and run the "
            + "same command again\n", exitCode: 1))
    #expect(String(decoding: try folder.bytes("out.rfx"), as: UTF8.self) == "before")
    #expect(!folder.exists("out.rfx.partial"))
  }
}
