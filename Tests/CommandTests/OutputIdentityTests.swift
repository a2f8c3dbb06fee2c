import Foundation
import TestSupport
import Testing

/// Outputs that meet an input, or one another, by ways other than their names.
@Suite struct OutputIdentityTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// Everything below the folder, by name.
  private func contents() throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      result[name] = (try? folder.bytes(name)) ?? []
    }
    return result
  }

  // MARK: Standard output

  @Test func standardOutputIsNoInput() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.done("split", "tokens.rfx", "--output", "tokens", "--shards", "3", "--quiet")
    try folder.write("mix.json", #"{"sources": [{"tokens": "tokens.rfx", "weight": 1}]}"#)
    try folder.write("in/a.txt", "some text")
    let before = try contents()
    let train = "train --student student.json --mix mix.json --loss ce --steps 1 --output n"
    for line in [
      "stats tokens.rfx --html - 1<>tokens.rfx",
      "stats tokens.rfx --html /dev/stdout >>tokens.rfx",
      "stats tokens.rfx --html=- >>./tokens.rfx",
      "cat tokens.rfx >>tokens.rfx", "cat tokens >>tokens/shard-00001-of-00003.rfx",
      "inspect tokens >>tokens/manifest.json", "verify tokens.rfx --json >>tokens.rfx",
      "evaluate --model teacher --tokens=tokens.rfx >>tokens.rfx",
      "evaluate --model teacher --tokens tokens >>teacher/config.json",
      "report teacher >>teacher/metrics.jsonl", "\(train) >>tokens.rfx",
      "tokenize in --tokenizer tokenizer.json --output n.rfx >>in/a.txt",
    ] {
      let run = try command.shell("\"$reflux\" " + line)
      #expect(run.exitCode == 64, "\(line): \(run)")
      #expect(
        run.diagnostics.hasSuffix(
          ": standard output goes to this file, which the command names; send it elsewhere\n"),
        "\(line): \(run)")
    }
    #expect(try contents() == before)
  }

  /// What is printed may lie in a folder that is read, and be added to.
  @Test func standardOutputMayLieBesideInputs() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let evaluate = "\"$reflux\" evaluate --model teacher --tokens tokens.rfx --quiet"
    for _ in 0..<2 {
      #expect(try command.shell(evaluate + " >>teacher/figures.txt").exitCode == 0)
    }
    let figures = String(decoding: try folder.bytes("teacher/figures.txt"), as: UTF8.self)
    #expect(figures.components(separatedBy: "perplexity").count == 3)
    let page = "\"$reflux\" stats tokens.rfx --html /dev/stdout >page.html"
    #expect(try command.shell(page).exitCode == 0)
    #expect(String(decoding: try folder.bytes("page.html"), as: UTF8.self).hasSuffix("</html>\n"))
  }

  // MARK: Outputs of one command

  @Test(arguments: ["n.rfx", "n.rfx.partial", "./n.rfx.partial", "n.rfx/t.json"])
  func aTokenizerIsNoPartOfTheStore(path: String) throws {
    try samples.makeTokens()
    let names = try folder.names()
    let run = try command.run(
      "tokenize", "text.txt", "--output", "n.rfx", "--train-tokenizer", "257",
      "--tokenizer-output", path, "--force")
    #expect(
      run
        == .init(
          diagnostics: "reflux: \(path): would be overwritten by the output n.rfx; name another"
            + " output\n", exitCode: 64))
    #expect(try folder.names() == names)
  }

  /// Found before the first step: what is written at the end would reach another file.
  @Test func unfinishedFilesHaveNoOtherNames() throws {
    try samples.makeTokens()
    try folder.write("precious.txt", "precious")
    let train = LearningSamples.training + ["--loss", "ce", "--steps", "1", "--output", "n"]
    let runs: [(String, [String])] = [
      ("n/model.safetensors", train), ("n/config.json", train), ("n/tokenizer.json", train),
      ("page.html", ["stats", "tokens.rfx", "--html", "page.html"]),
      ("n.rfx", ["recompress", "tokens.rfx", "--output", "n.rfx"]),
    ]
    for (name, arguments) in runs {
      for more in [[], ["--force"]] {
        try folder.write("n/.keep", "")
        let partial = name + ".partial"
        try FileManager.default.linkItem(
          atPath: folder.file("precious.txt"), toPath: folder.file(partial))
        let run = try command.run(arguments + more)
        #expect(run.exitCode == 1, "\(name): \(run)")
        #expect(
          run.diagnostics.hasSuffix(
            "reflux: \(partial): has further names (hard links), whose content would change too;"
              + " remove this one\n"), "\(name): \(run)")
        #expect(run.output == "")
        try FileManager.default.removeItem(atPath: folder.file(partial))
        #expect(try folder.names("n") == [".keep"])
      }
    }
    #expect(try folder.bytes("precious.txt") == Array("precious".utf8))
  }

  // MARK: Pages and logs

  /// A verb replaces its own pages only.
  @Test func pagesOfOtherVerbsStay() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let verbs = [
      ("stats", ["tokens.rfx", "--quiet", "--html"]), ("report", ["teacher", "--output"]),
      ("evaluate", ["--model", "teacher", "--tokens", "tokens.rfx", "--quiet", "--html"]),
    ]
    for (verb, arguments) in verbs {
      for _ in 0..<2 { try samples.done([verb] + arguments + [verb + ".html"]) }
    }
    for (verb, arguments) in verbs {
      for (other, _) in verbs where other != verb {
        let page = try folder.bytes(other + ".html")
        let run = try command.run([verb] + arguments + [other + ".html"])
        #expect(
          run
            == .init(
              diagnostics: "reflux: \(other).html: exists already and is not a page of 'reflux"
                + " \(verb)'; name another output, or replace it with --force\n", exitCode: 1))
        #expect(try folder.bytes(other + ".html") == page)
      }
    }
    try samples.done("stats", "tokens.rfx", "--quiet", "--html", "report.html", "--force")
  }

  @Test func runsShareAFolderOfEvents() throws {
    try samples.makeTokens()
    let events = "events.out.tfevents.0.reflux"
    func train(_ output: String, _ more: String...) throws -> Command.Outcome {
      try command.run(
        LearningSamples.training + ["--loss", "ce", "--steps", "2", "--quiet"]
          + ["--tensorboard", "board", "--output", output] + more)
    }
    #expect(try train("a/one").exitCode == 0)
    #expect(try train("a/two/").exitCode == 0)
    #expect(try folder.names("board") == ["one", "two"])
    let first = try folder.bytes("board/one/\(events)")
    let refused = try train("b/one")
    #expect(
      refused
        == .init(
          diagnostics: "reflux: board/one/\(events): exists already; name another output, or"
            + " replace it with --force\n", exitCode: 1))
    #expect(!folder.exists("b"))
    try folder.write("board/three/\(events)", "precious")
    let foreign = try train("three")
    #expect(foreign.exitCode == 1)
    #expect(foreign.diagnostics.contains(": exists already and is not a log of steps of this run;"))
    // A run that resumes has its own file to resume from.
    let more = try command.run(
      LearningSamples.training + ["--loss", "ce", "--steps", "2", "--quiet"]
        + ["--tensorboard", "board", "--output", "a/one"])
    #expect(more.exitCode == 0)
    #expect(try folder.bytes("board/one/\(events)") == first)
    #expect(try train("b/one", "--force").exitCode == 0)
  }

  // MARK: Unfinished captures

  @Test func anUnfinishedCaptureIsReplacedByForceAlone() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    func cache(_ more: String...) -> [String] {
      [
        "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "n.rfx",
        "--context", "8", "--rounds", "6", "--quiet",
      ] + more
    }
    // Of the kind by its first bytes, and damaged after them.
    try samples.makeSamples("other.rfx")
    let store = try folder.bytes("other.rfx")
    let damaged = store[..<40] + [UInt8](repeating: 0xFF, count: store.count - 40)
    for (bytes, message) in [
      (Array("precious".utf8), ": an unfinished file, which this cannot resume"),
      (Array(damaged), ": "),
    ] {
      try folder.write("n.rfx.partial", bytes)
      let refused = try command.run(cache())
      #expect(refused.exitCode != 0)
      #expect(
        refused.diagnostics.hasPrefix("reflux: n.rfx.partial" + message), "\(refused)")
      #expect(try folder.bytes("n.rfx.partial") == bytes)
      try samples.done(cache("--force"))
      #expect(!folder.exists("n.rfx.partial"))
      try samples.done("verify", "n.rfx", "--against", "tokens.rfx", "--quiet")
      try FileManager.default.removeItem(atPath: folder.file("n.rfx"))
    }
  }

  // MARK: Manifests

  @Test func aManifestOfOtherShardsStays() throws {
    try samples.makeTokens()
    try samples.done("split", "tokens.rfx", "--output", "s", "--shards", "1", "--quiet")
    try samples.done("split", "tokens.rfx", "--output", "t", "--records", "300", "--quiet")
    let before = try folder.bytes("t/manifest.json")
    let shards = try folder.names("t").filter { $0.hasSuffix(".rfx") }.map { "t/" + $0 }
    #expect(shards.count > 2)
    let merge = ["merge"] + shards.prefix(2) + ["--output", "t/manifest.json"]
    let run = try command.run(merge)
    #expect(
      run
        == .init(
          diagnostics: "reflux: t/manifest.json: exists already and is not the manifest of these"
            + " shards; name another output, or replace it with --force\n", exitCode: 1))
    #expect(try folder.bytes("t/manifest.json") == before)
    try samples.done(["merge"] + shards.reversed() + ["--output", "t/manifest.json"])
    #expect(try folder.bytes("t/manifest.json") == before)
    try samples.done(merge + ["--force"])
    #expect(try folder.bytes("t/manifest.json") != before)
  }
}
