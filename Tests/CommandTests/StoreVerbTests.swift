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
    #expect(
      try command.run("inspect", "corpus.rfx")
        == .init(
          """
          kind                  tokens
          format version        1
          sealed                yes
          records               22
          documents             3
          vocabulary size       257
          blocks                1
          records per block     32,768
          codec                 lz4
          file bytes            \(size)
          bytes per record      \(Self.decimal(Double(size) / 22))
          raw bytes per record  2
          tokenizer hash        \(tokenizer)
          fingerprint           \(print)

          """))
    #expect(
      try command.run("inspect", "corpus.rfx", "--json")
        == .init(
          #"{"kind":"tokens","format_version":1,"sealed":true,"records":22,"documents":3,"#
            + #""vocabulary_size":257,"blocks":1,"records_per_block":32768,"codec":"lz4","#
            + #""file_bytes":\#(size),"bytes_per_record":\#(Double(size) / 22),"#
            + #""raw_bytes_per_record":2,"tokenizer_hash":"\#(tokenizer)","#
            + #""fingerprint":"\#(print)"}"# + "\n"))
  }

  private static func decimal(_ value: Double) -> String {
    let text = "\((value * 100).rounded() / 100)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  @Test func inspectsSamples() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    let tokens = try hash("fingerprint", of: "corpus.rfx")
    #expect(try hash("tokens_hash", of: "samples.rfx") == tokens)
    let text = try command.run("inspect", "samples.rfx").output
    #expect(text.contains("\nsampler               multinomial, 4 rounds, tau 1, seed 7\n"))
    let json = try command.run("inspect", "samples.rfx", "--json").output
    #expect(json.hasPrefix(#"{"kind":"samples","format_version":1,"sealed":true,"records":22,"#))
    #expect(
      json.contains(
        #""sampler":{"estimator":"multinomial","rounds":4,"tau":1.0,"seed":7},"context_length":8,"#
          + #""stride":8,"#))
    #expect(json.contains(#""capacity":4,"weighted":false,"#))
  }

  @Test func inspectsAnUnsealedStoreWithoutTouchingIt() throws {
    try Samples.makeTokens(in: folder)
    let cut = Array(try folder.bytes("corpus.rfx").dropLast(40))
    try folder.write("cut.rfx", cut)
    let run = try command.run("inspect", "cut.rfx", "--json")
    #expect(run.exitCode == 0)
    #expect(run.output.contains(#""sealed":false,"records":22,"#))
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
        == .init(#"{"ok":true,"blocks":1,"records":22,"errors":[]}"# + "\n"))
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
        + "command again, or 'reflux recover' on the .partial file\n")
  }

  @Test func saysWhenTheOutputOfARecoveryCannotBe() throws {
    try Samples.makeTokens(in: folder)
    #expect(
      try command.run("recover", "corpus.rfx", "--output", "none/x.rfx")
        == .init(
          diagnostics:
            "reflux: none/x.rfx: cannot open: No such file or directory; check the path\n",
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
