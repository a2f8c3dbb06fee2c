import TestSupport
import Testing

/// `reflux cat`: records as JSON lines, exactly.
@Suite struct CatTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  @Test func printsTokens() throws {
    try Samples.makeTokens(in: folder)
    // "to be\n": ids are 1 plus the place of the byte's letter in GPT-2's alphabet; 0 ends a text.
    #expect(
      try command.run("cat", "corpus.rfx", "--records", "0..<7")
        == .init(
          """
          {"record":0,"token":84}
          {"record":1,"token":79}
          {"record":2,"token":221}
          {"record":3,"token":66}
          {"record":4,"token":69}
          {"record":5,"token":199}
          {"record":6,"token":0}

          """))
  }

  @Test func printsCountedSamples() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    #expect(
      try command.run("cat", "samples.rfx", "--records", "3..<5", "--json")
        == .init(
          """
          {"record":3,"ids":[3,4],"counts":[3,1],"rounds":4}
          {"record":4,"ids":[4,5],"counts":[3,1],"rounds":4}

          """))
  }

  @Test func printsWeightedSamples() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder, weighted: true)
    #expect(
      try command.run("cat", "samples.rfx", "--records", "0..<1")
        == .init("{\"record\":0,\"ids\":[0,1],\"weights\":[0.75,0.25]}\n"))
  }

  @Test(arguments: [
    ("0..<0", 0), ("21..<22", 1), ("20..<", 2), ("..<3", 3), ("..<", 22), ("22..<", 0),
  ])
  func takesEveryFormOfRange(range: String, count: Int) throws {
    try Samples.makeTokens(in: folder)
    let run = try command.run("cat", "corpus.rfx", "--records", range)
    #expect(run.exitCode == 0)
    #expect(run.output.split(separator: "\n").count == count)
  }

  @Test(arguments: ["20..<23", "23..<", "9999999999999999..<"])
  func refusesRecordsBeyondTheEnd(range: String) throws {
    try Samples.makeTokens(in: folder)
    let run = try command.run("cat", "corpus.rfx", "--records", range)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.hasPrefix("reflux: corpus.rfx: has 22 records, "))
    #expect(run.diagnostics.hasSuffix("; name records within 0..<22\n"))
  }

  @Test func endsQuietlyWhenTheReaderGoesAway() throws {
    try folder.write("long.txt", String(repeating: "to be or not to be\n", count: 20_000))
    _ = try command.run(
      "tokenize", "long.txt", "--output", "long.rfx", "--train-tokenizer", "257", "--quiet")
    let run = try command.shell(
      "{ \"$reflux\" cat long.rfx; echo \"code $?\" >&2; } | head -n 2")
    #expect(
      run
        == .init(
          "{\"record\":0,\"token\":84}\n{\"record\":1,\"token\":79}\n",
          diagnostics: "code 0\n"))
  }

  @Test(arguments: ["inspect", "verify", "cat"])
  func survivesAClosedOutput(verb: String) throws {
    try Samples.makeTokens(in: folder)
    let run = try command.shell(
      "{ sleep 0.3; \"$reflux\" \(verb) corpus.rfx; echo \"code $?\" >&2; } | true")
    #expect(run.diagnostics == "code 0\n")
  }
}
