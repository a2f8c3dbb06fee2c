import TestSupport
import Testing

/// `reflux import npy` and `reflux export npy`.
@Suite struct InterchangeTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private func fingerprint(_ store: String) throws -> Substring {
    try command.run("inspect", store, "--json").output
      .components(after: "\"fingerprint\":\"").prefix(16)
  }

  @Test func importsAnArrayOfOneAxis() throws {
    try folder.write("ids.npy", Samples.array([5, 0, 70_000, 0, 7], shape: "(5,)"))
    let run = try command.run(
      "import", "npy", "ids.npy", "--output", "x.rfx", "--vocabulary", "100000",
      "--end-of-text", "0", "--quiet", "--json")
    let print = try fingerprint("x.rfx")
    #expect(
      run
        == .init(
          #"{"output":"x.rfx","records":5,"documents":3,"vocabulary_size":100000,"#
            + #""fingerprint":"\#(print)","warnings":[]}"# + "\n"))
    #expect(
      try command.run("cat", "x.rfx", "--records", "2..<3").output
        == "{\"record\":2,\"token\":70000}\n")
  }

  @Test func warnsOfWhatTheArrayLeavesOpen() throws {
    try folder.write("ids.npy", Samples.array([5, 0, 9], shape: "(3,)"))
    let run = try command.run("import", "npy", "ids.npy", "--output", "x.rfx", "--quiet")
    let print = try fingerprint("x.rfx")
    #expect(
      run
        == .init(
          """
          output           x.rfx
          records          3
          documents        1
          vocabulary size  10
          fingerprint      \(print)
          warning          the vocabulary of 10 tokens was taken from the largest id; name it \
          (--vocabulary)
          warning          the whole array is one document; name the id that ends documents \
          (--end-of-text)

          """))
  }

  @Test func takesEachRowAsADocument() throws {
    try folder.write("rows.npy", Samples.array([1, 2, 3, 4, 5, 6], shape: "(2, 3)"))
    let run = try command.run(
      "import", "npy", "rows.npy", "--output", "x.rfx", "--vocabulary", "7", "--quiet", "--json")
    #expect(run.output.contains(#""records":6,"documents":2,"#))
    #expect(run.output.hasSuffix(#""warnings":[]}"# + "\n"))
  }

  @Test func takesVocabularyAndEndsFromATokenizer() throws {
    try Samples.makeTokens(in: folder)
    try folder.write("ids.npy", Samples.array([84, 79, 0, 84, 0], shape: "(5,)"))
    let run = try command.run(
      "import", "npy", "ids.npy", "--output", "x.rfx", "--tokenizer", "tokenizer.json", "--quiet",
      "--json")
    #expect(run.output.contains(#""records":5,"documents":2,"vocabulary_size":257,"#))
  }

  @Test func exportsWhatItImports() throws {
    try Samples.makeTokens(in: folder)
    let run = try command.run("export", "npy", "corpus.rfx", "--output", "ids.npy", "--quiet")
    #expect(
      run
        == .init(
          """
          output            ids.npy
          records           22
          bytes per record  2
          warning           the starts of 3 documents are not kept; an import finds them again \
          by the id that ends them

          """))
    let bytes = try folder.bytes("ids.npy")
    #expect(bytes.count == 128 + 44)
    #expect(bytes[128...].starts(with: [84, 0, 79, 0, 221, 0]))
    _ = try command.run(
      "import", "npy", "ids.npy", "--output", "again.rfx", "--tokenizer", "tokenizer.json",
      "--quiet")
    #expect(try fingerprint("again.rfx") == fingerprint("corpus.rfx"))
  }
}
