import Foundation
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// `reflux inspect`, `verify` and `recover`, exactly.
@Suite struct StoreVerbTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  /// The value of a hash in a line of JSON.
  private func hash(_ key: String, of store: String) throws -> Substring {
    try command.run("inspect", store, "--json").output.components(after: "\"\(key)\":\"").prefix(16)
  }

  // MARK: inspect

  @Test func inspectsTokens() throws {
    try Samples.makeTokens(in: folder)
    let size = try folder.bytes("corpus.rfx").count
    let print = try hash("fingerprint", of: "corpus.rfx")
    let tokenizer = try hash("tokenizer_hash", of: "corpus.rfx")
    let created = try created("corpus.rfx")
    #expect(
      try command.run("inspect", "corpus.rfx")
        == .init(
          """
          kind                  tokens
          format version        1
          sealed                yes
          files                 1
          first position        0
          records               22
          documents             3
          vocabulary size       257
          known vocabulary      257
          blocks                1
          records per block     32,768
          codec                 lz4
          file bytes            \(size)
          bytes per record      \(Self.decimal(Double(size) / 22))
          raw bytes per record  2
          tokenizer hash        \(tokenizer)
          software              reflux 0.1.0
          created               \(created)
          notes                 -
          fingerprint           \(print)

          """))
    #expect(
      try command.run("inspect", "corpus.rfx", "--json")
        == .init(
          #"{"kind":"tokens","format_version":1,"sealed":true,"files":1,"first_position":0,"#
            + #""records":22,"documents":3,"vocabulary_size":257,"known_vocabulary":257,"#
            + #""blocks":1,"records_per_block":32768,"codec":"lz4","#
            + #""file_bytes":\#(size),"bytes_per_record":\#(Double(size) / 22),"#
            + #""raw_bytes_per_record":2,"tokenizer_hash":"\#(tokenizer)","#
            + #""software":"reflux 0.1.0","created":"\#(created)","notes":{},"#
            + #""fingerprint":"\#(print)"}"# + "\n"))
  }

  /// When a store says it was begun: a time of UTC, at the time of the test.
  private func created(_ store: String) throws -> String {
    let text = String(
      try command.run("inspect", store, "--json").output.components(after: "\"created\":\"")
        .prefix(20))
    let date = try #require(ISO8601DateFormatter().date(from: text))
    #expect(abs(date.timeIntervalSinceNow) < 86_400)
    return text
  }

  private static func decimal(_ value: Double) -> String {
    let text = "\((value * 100).rounded() / 100)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Everything that a header can say.
  @Test func inspectsSamples() throws {
    try Samples.makeTokens(in: folder)
    let tokens = try TokenStore(path: folder.file("corpus.rfx"))
    var configuration = SampleStoreConfiguration(
      vocabularySize: 300, capacity: 4, values: .float16,
      provenance: StoreProvenance(
        tokensHash: tokens.fingerprint, teacherHash: 0xAB, teacher: "a/teacher", estimator: "topk",
        packing: "windows", software: "reflux 9", rounds: 4, tau: 0.5, seed: 7, contextLength: 8,
        stride: 8, created: 1_763_730_000, notes: ["run": "7", "by": "me"]))
    configuration.knownVocabulary = 290
    configuration.extras = [.label, .mass]
    configuration.encoding = .packed
    configuration.firstPosition = 3
    let writer = try SampleStoreWriter(
      path: folder.file("samples.rfx"), configuration: configuration)
    try writer.append(ids: [1, 2], weights: [0.5, 0.25], extras: [0.75, 0.5])
    _ = try writer.seal()
    let size = try folder.bytes("samples.rfx").count
    let run = try command.run("inspect", "samples.rfx")
    #expect(
      run
        == .init(
          """
          kind                  samples
          format version        1
          sealed                yes
          files                 1
          first position        3
          records               1
          vocabulary size       300
          known vocabulary      290
          capacity              4
          weighted              yes
          values                float16
          optional fields       mass, label
          blocks                1
          records per block     2,616
          encoding              packed
          dictionary bytes      160
          codec                 raw
          file bytes            \(size)
          bytes per record      \(size)
          raw bytes per record  25
          tokenizer hash        0000000000000000
          tokens hash           \(try hash("fingerprint", of: "corpus.rfx"))
          teacher               a/teacher
          teacher hash          00000000000000ab
          sampler               topk, 4 rounds, tau 0.5, seed 7
          context length        8
          stride                8
          packing               windows
          software              reflux 9
          created               2025-11-21T13:00:00Z
          notes                 by=me, run=7
          fingerprint           \(try hash("fingerprint", of: "samples.rfx"))

          """))
    let json = try command.run("inspect", "samples.rfx", "--json").output
    #expect(
      json.contains(
        #""sampler":{"estimator":"topk","rounds":4,"tau":0.5,"seed":7},"context_length":8,"#
          + #""stride":8,"packing":"windows","software":"reflux 9","#
          + #""created":"2025-11-21T13:00:00Z","notes":{"by":"me","run":"7"},"#))
    #expect(
      json.contains(
        #""capacity":4,"weighted":true,"values":"float16","optional_fields":["mass","label"],"#))
    #expect(json.contains(#""encoding":"packed","dictionary_bytes":160,"codec":"raw","#))
    #expect(
      try command.run("cat", "samples.rfx").output
        == #"{"record":0,"ids":[1,2],"weights":[0.5,0.25],"mass":0.75,"label":0.5}"# + "\n")
  }

  @Test func inspectsAnUnsealedStoreWithoutTouchingIt() throws {
    try Samples.makeTokens(in: folder)
    let cut = Array(try folder.bytes("corpus.rfx").dropLast(40))
    try folder.write("cut.rfx", cut)
    let run = try command.run("inspect", "cut.rfx", "--json")
    #expect(run.exitCode == 0)
    #expect(run.output.contains(#""sealed":false,"files":1,"first_position":0,"records":22,"#))
    #expect(run.output.hasSuffix(#""fingerprint":null}"# + "\n"))
    #expect(try folder.bytes("cut.rfx") == cut)
    #expect(try folder.names() == ["corpus.rfx", "cut.rfx", "text", "tokenizer.json"])
  }

  // MARK: verify

  @Test func verifiesWhatIsWhole() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    #expect(
      try command.run("verify", "corpus.rfx")
        == .init(
          """
          ok              yes
          blocks          1
          intact records  22
          errors          0

          """))
    #expect(
      try command.run("verify", "samples.rfx", "--against", "corpus.rfx", "--json")
        == .init(#"{"ok":true,"blocks":1,"records":22,"errors":[],"error_count":0}"# + "\n"))
  }

  /// A store of two blocks whose first has a flipped byte in its payload, and that byte's block.
  private func makeDamaged() throws {
    try folder.write("long.txt", String(repeating: "to be\n", count: 10_000))
    let run = try command.run(
      "tokenize", "long.txt", "--output", "long.rfx", "--train-tokenizer", "257", "--quiet")
    #expect(run.exitCode == 0)
    var bytes = try folder.bytes("long.rfx")
    let block = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("RFXB".utf8)) })
    bytes[block + 44] ^= 0x10
    try folder.write("damaged.rfx", bytes)
  }

  @Test func namesTheDamagedBlock() throws {
    try makeDamaged()
    let run = try command.run("verify", "damaged.rfx", "--json")
    #expect(run.exitCode == 2)
    #expect(run.output.hasPrefix(#"{"ok":false,"blocks":2,"records":27233,"errors":[{"block":0,"#))
    #expect(run.output.contains(#""message":"checksum mismatch (expected "#))
    #expect(run.diagnostics.hasPrefix("reflux: damaged.rfx: block 0 at offset "))
    #expect(run.diagnostics.hasSuffix("); run 'reflux recover'\n"))
  }

  // MARK: recover

  @Test func recoversWhatIsIntact() throws {
    try makeDamaged()
    let damaged = try folder.bytes("damaged.rfx")
    let run = try command.run("recover", "damaged.rfx", "--output", "saved.rfx", "--quiet")
    #expect(
      run
        == .init(
          """
          output             saved.rfx
          records recovered  27,233
          records lost       32,768

          """))
    #expect(try folder.bytes("damaged.rfx") == damaged)
    #expect(try command.run("verify", "saved.rfx").exitCode == 0)
    let last = try command.run("cat", "long.rfx", "--records", "60000..<").output
    let saved = try command.run("cat", "saved.rfx", "--records", "27232..<").output
    #expect(last.components(after: "\"token\":") == saved.components(after: "\"token\":"))
  }

  @Test func recoversAnUnsealedStore() throws {
    try Samples.makeTokens(in: folder)
    try folder.write("x.rfx.partial", Array(try folder.bytes("corpus.rfx").dropLast(100)))
    let run = try command.run(
      "recover", "x.rfx.partial", "--output", "saved.rfx", "--json", "--quiet")
    #expect(
      run == .init(#"{"output":"saved.rfx","records_recovered":22,"records_lost":0}"# + "\n"))
    let reading = try command.run("cat", "x.rfx")
    #expect(reading.exitCode == 2)
    #expect(
      reading.diagnostics
        == "reflux: x.rfx: only its partial file exists: its writer did not finish; run the same "
        + "command again, or recover the .partial file ('reflux recover')\n")
  }

  @Test func saysWhenTheOutputOfARecoveryCannotBe() throws {
    try Samples.makeTokens(in: folder)
    #expect(
      try command.run("recover", "corpus.rfx", "--output", "none/x.rfx")
        == .init(
          diagnostics:
            "reflux: none/x.rfx: there is no folder none; create it or name another output\n",
          exitCode: 1))
  }

  // MARK: Outputs that are inputs

  @Test(arguments: [
    ["recover", "x.rfx.partial", "--output", "x.rfx"],
    ["recover", "corpus.rfx", "--output", "./corpus.rfx"],
    ["recover", "corpus.rfx", "--output", "link.rfx"],
    ["tokenize", "text/a.txt", "--output", "text/a.txt", "--tokenizer", "tokenizer.json"],
    ["tokenize", "text", "--output", "tokenizer.json", "--tokenizer", "tokenizer.json"],
    ["tokenize", "tokenizer.json", "--output", "y.rfx", "--train-tokenizer", "257"],
    ["export", "npy", "corpus.rfx", "--output", "corpus.rfx"],
    ["import", "npy", "x.rfx.partial", "--output", "x.rfx"],
    ["merge", "corpus.rfx", "--output", "corpus.rfx"],
    ["merge", "corpus.rfx", "--output", "link.rfx"],
    ["split", "corpus.rfx", "--output", "corpus.rfx", "--shards", "2"],
    ["recompress", "corpus.rfx", "--output", "corpus.rfx"],
    ["recompress", "link.rfx", "--output", "corpus.rfx"],
    ["stats", "corpus.rfx", "--html", "corpus.rfx"],
  ])
  func neverOverwritesWhatItReads(arguments: [String]) throws {
    try Samples.makeTokens(in: folder)
    try folder.write("x.rfx.partial", try folder.bytes("corpus.rfx"))
    try folder.link("link.rfx", to: "corpus.rfx")
    let names = try folder.names()
    let before = try names.filter { $0 != "text" }.map { try folder.bytes($0) }
    let run = try command.run(arguments)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.contains(" would be overwritten by the output "))
    #expect(run.diagnostics.hasSuffix("; name another output\n"))
    #expect(try folder.names() == names)
    #expect(try names.filter { $0 != "text" }.map { try folder.bytes($0) } == before)
    #expect(String(decoding: try folder.bytes("text/a.txt"), as: UTF8.self) == "to be\n")
  }
}
