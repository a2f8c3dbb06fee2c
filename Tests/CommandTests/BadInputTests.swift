import Foundation
import TestSupport
import Testing

/// Wrong files: one clear line that names the file, what was found and what to do, and the right
/// exit code.
@Suite struct BadInputTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  /// Every verb that opens a store, with PATH where the store's path goes.
  static let readers = [
    ["inspect", "PATH"], ["verify", "PATH"], ["cat", "PATH"],
    ["recover", "PATH", "--output", "out.rfx"], ["export", "npy", "PATH", "--output", "out.npy"],
    ["cat", "PATH", "--follow"], ["stats", "PATH"], ["diff", "PATH", "PATH"],
    ["merge", "PATH", "--output", "out.rfx"], ["recompress", "PATH", "--output", "out.rfx"],
    ["split", "PATH", "--output", "out.rfx", "--shards", "2"],
    ["forecast", "--tokens", "9", "--from", "PATH"],
  ]

  private func run(_ verb: [String], _ path: String) throws -> Command.Outcome {
    try command.run(verb.map { $0 == "PATH" ? path : $0 })
  }

  /// One line, nothing on standard output, nothing written under the output's name.
  private func expect(
    _ run: Command.Outcome, _ line: String, exitCode: Int32,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      run == .init(diagnostics: "reflux: \(line)\n", exitCode: exitCode),
      sourceLocation: location)
    #expect(!folder.exists("out.rfx") && !folder.exists("out.npy"), sourceLocation: location)
  }

  @Test(arguments: readers)
  func saysWhenAStoreIsMissing(verb: [String]) throws {
    expect(
      try run(verb, "none.rfx"),
      "none.rfx: cannot open: No such file or directory; check the path", exitCode: 1)
  }

  @Test(arguments: readers)
  func saysWhenAStoreIsAFolder(verb: [String]) throws {
    try folder.write("folder/a.txt", "a")
    expect(
      try run(verb, "folder"),
      "folder: manifest.json: not in the folder; name a store, or join shards into "
        + "one ('reflux merge --manifest')", exitCode: 2)
  }

  @Test(arguments: readers)
  func saysWhenAStoreIsEmpty(verb: [String]) throws {
    try folder.write("empty.rfx", "")
    expect(
      try run(verb, "empty.rfx"), "empty.rfx: the file is empty; name a store (.rfx)", exitCode: 2)
  }

  @Test(arguments: readers)
  func saysWhenAStoreIsText(verb: [String]) throws {
    try folder.write("text.rfx", "to be\nor not to be\n")
    expect(
      try run(verb, "text.rfx"),
      "text.rfx: not a store: it starts with \"to be\\nor\"; name a store (.rfx)", exitCode: 2)
  }

  @Test(
    arguments: readers.filter { $0[0] != "recover" && $0[0] != "inspect" && $0[0] != "forecast" })
  func saysWhenAStoreIsCut(verb: [String]) throws {
    try Samples.makeTokens(in: folder)
    try folder.write("cut.rfx", Array(try folder.bytes("corpus.rfx").dropLast(10)))
    let run = try run(verb, "cut.rfx")
    #expect(run.exitCode == 2)
    #expect(
      run.diagnostics
        == "reflux: cut.rfx: not sealed: its writer did not finish; run the same command again, "
        + "or recover what is intact ('reflux recover')\n")
    #expect(!folder.exists("out.npy"))
  }

  /// The place of a byte that every block holds: the first after the header of the first block.
  private func flip(_ name: String, at offset: Int, into target: String) throws {
    var bytes = try folder.bytes(name)
    bytes[offset] ^= 1
    try folder.write(target, bytes)
  }

  @Test func findsEveryFlippedByte() throws {
    try Samples.makeTokens(in: folder)
    let size = try folder.bytes("corpus.rfx").count
    for offset in stride(from: 0, to: size, by: 7) {
      try flip("corpus.rfx", at: offset, into: "flip.rfx")
      let run = try command.run("verify", "flip.rfx")
      #expect(run.exitCode == 2, "byte \(offset)")
      #expect(run.diagnostics.hasPrefix("reflux: flip.rfx: "), "byte \(offset)")
      #expect(run.diagnostics.filter { $0 == "\n" }.count == 1, "byte \(offset)")
    }
  }

  @Test func saysWhichTokensSamplesBelongTo() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    try folder.write("other.txt", "something else")
    let other = try command.run(
      "tokenize", "other.txt", "--output", "other.rfx", "--tokenizer", "tokenizer.json", "--quiet",
      "--json")
    let own = try command.run("inspect", "corpus.rfx", "--json")
    let expected = own.output.components(after: "\"fingerprint\":\"").prefix(16)
    let found = other.output.components(after: "\"fingerprint\":\"").prefix(16)
    let run = try command.run("verify", "samples.rfx", "--against", "other.rfx")
    #expect(run.exitCode == 2)
    let line =
      "the samples belong to tokens \(expected), found tokens \(found); name the token store that"
      + " the samples were made from\n"
    #expect(run.diagnostics == "reflux: samples.rfx: " + line)
    #expect(
      run.output == """
        ok              no
        blocks          1
        intact records  22
        errors          1
        error           \(line)
        """, "the store is sound: no block is an error")
  }

  @Test func saysWhenTheOtherKindIsNeeded() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    expect(
      try command.run("export", "npy", "samples.rfx", "--output", "out.npy"),
      "samples.rfx: the store holds samples, expected tokens; name a store of tokens", exitCode: 2)
    let run = try command.run("verify", "corpus.rfx", "--against", "corpus.rfx")
    expect(
      run, "corpus.rfx: the store holds tokens, expected samples; name a store of samples",
      exitCode: 2)
  }

  // MARK: Text and tokenizers

  private func tokenize(_ inputs: String...) throws -> Command.Outcome {
    try command.run(
      ["tokenize"] + inputs + ["--output", "out.rfx", "--train-tokenizer", "257", "--quiet"])
  }

  @Test func refusesTextThatIsNotThere() throws {
    expect(
      try tokenize("none.txt"), "none.txt: cannot open: No such file or directory; check the path",
      exitCode: 1)
    try folder.write("empty.txt", "")
    expect(
      try tokenize("empty.txt"), "empty.txt: the file is empty; name a file that holds text",
      exitCode: 2)
    try folder.write("data/x", [0, 1])
    expect(
      try tokenize("data"),
      "data: no text was found (binary files passed over: 1); "
        + "name a folder or files that hold text",
      exitCode: 2)
    try folder.write("blank.jsonl", "\n\n")
    expect(
      try tokenize("blank.jsonl"),
      "blank.jsonl: no text was found; name a folder or files that hold text", exitCode: 2)
    #expect(!folder.exists("tokenizer.json"))
  }

  @Test func refusesLinesThatAreNoDocuments() throws {
    try folder.write("a.jsonl", "{\"text\":\"a\"}\n{\"body\":\"a\"}\n")
    expect(
      try tokenize("a.jsonl"),
      "a.jsonl: line 2: the object has no field 'text'; name the field that holds the text"
        + " (--field)",
      exitCode: 2)
    try folder.write("b.jsonl", "{\"text\":\"a\"\n")
    expect(
      try tokenize("b.jsonl"),
      "b.jsonl: line 1: JSON ends where ',' or '}' was expected; the file may be cut short; "
        + "fix or remove the line", exitCode: 2)
  }

  @Test func refusesATokenizerThatIsNone() throws {
    try folder.write("a.txt", "a")
    try folder.write("t.json", "{}")
    let arguments = ["tokenize", "a.txt", "--output", "out.rfx", "--quiet", "--tokenizer"]
    expect(
      try command.run(arguments + ["none.json"]),
      "none.json: cannot open: No such file or directory; check the path", exitCode: 1)
    expect(
      try command.run(arguments + ["a.txt"]),
      "a.txt: not JSON at byte 0: found 'a', expected a value; "
        + "name the tokenizer.json of a byte-level BPE tokenizer", exitCode: 2)
    let run = try command.run(arguments + ["t.json"])
    #expect(run.exitCode == 2)
    #expect(run.diagnostics.hasPrefix("reflux: t.json: "))
    #expect(run.diagnostics.hasSuffix("expected the tokenizer.json of a byte-level BPE\n"))
  }

  @Test func saysWhenTheOutputCannotBe() throws {
    try folder.write("a.txt", "a")
    let arguments = ["tokenize", "a.txt", "--train-tokenizer", "257", "--quiet", "--output"]
    expect(
      try command.run(arguments + ["none/out.rfx"]),
      "none/out.rfx: there is no folder none; create it or name another output", exitCode: 1)
    expect(
      try command.run(arguments + ["out.rfx", "--tokenizer-output", "none/t.json"]),
      "none/t.json: there is no folder none; create it or name another output", exitCode: 1)
  }

  /// A limit on the size of files stands for a full disk: both refuse a write in its midst.
  @Test func saysWhenTheDiskIsFullAndKeepsWhatWasThere() throws {
    try Samples.makeTokens(in: folder)
    let before = try folder.bytes("corpus.rfx")
    var random = TestRandom(seed: 3)
    try folder.write("big.txt", random.bytes(1 << 20).map { $0 % 95 + 32 })
    let run = try command.shell(
      "ulimit -f 64; exec \"$reflux\" tokenize big.txt --output corpus.rfx --force "
        + "--tokenizer tokenizer.json --quiet")
    let line =
      "reflux: corpus.rfx: cannot write: File too large; free some space and run the same command "
      + "again\n"
    #expect(run == .init(diagnostics: line, exitCode: 1))
    #expect(try folder.bytes("corpus.rfx") == before)
    let again = try command.run(
      "tokenize", "big.txt", "--output", "corpus.rfx", "--tokenizer", "tokenizer.json", "--force",
      "--quiet")
    #expect(again.exitCode == 0)
    #expect(try command.run("verify", "corpus.rfx").exitCode == 0)
  }

  // MARK: Arrays

  @Test func refusesArraysThatHoldNoIDs() throws {
    let arguments = ["--output", "out.rfx", "--quiet"]
    func importing(_ name: String, _ more: String...) throws -> Command.Outcome {
      try command.run(["import", "npy", name] + arguments + more)
    }
    expect(
      try importing("none.npy"), "none.npy: cannot open: No such file or directory; check the path",
      exitCode: 1)
    try folder.write("empty.npy", "")
    expect(
      try importing("empty.npy"), "empty.npy: the file is empty; name a file that holds an array",
      exitCode: 2)
    try folder.write("text.npy", "to be or not to be")
    expect(
      try importing("text.npy"),
      "text.npy: not a .npy file: starts with other bytes; name a .npy file", exitCode: 2)
    let array = Samples.array([1, 2, 70_000], shape: "(3,)")
    try folder.write("big.npy", array)
    expect(
      try importing("big.npy", "--vocabulary", "65536"),
      "big.npy: element 2 is 70000; expected token ids from 0 to 65535", exitCode: 2)
    try folder.write("cut.npy", Array(array.dropLast(2)))
    expect(
      try importing("cut.npy"),
      "cut.npy: cut short in the array's elements: expected 140 bytes, found 138; "
        + "fetch the file again", exitCode: 2)
    try folder.write("none.npy", Samples.array([], shape: "(0,)"))
    expect(
      try importing("none.npy"),
      "none.npy: the array has no elements; name one that holds token ids", exitCode: 2)
  }
}
