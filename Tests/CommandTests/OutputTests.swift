import Foundation
import TestSupport
import Testing

/// What verbs write never replaces what they read, or what is no plain file, or anything unasked.
@Suite struct OutputTests {
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

  private func makeAll() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    for store in ["tokens", "samples"] {
      try samples.done("split", store + ".rfx", "--output", store, "--shards", "3", "--quiet")
    }
    try samples.done("export", "npy", "tokens.rfx", "--output", "ids.npy", "--quiet")
    try folder.write("mix.json", #"{"sources": [{"tokens": "tokens", "weight": 1}]}"#)
    try folder.write("logits.json", "[[0, 1], [1, 0]]")
    try folder.link("door", to: "tokens")
    try folder.link("link.rfx", to: "samples.rfx")
    let (source, target) = (folder.file("samples.rfx"), folder.file("second.rfx"))
    try FileManager.default.linkItem(atPath: source, toPath: target)
  }

  private static let shard = "tokens/shard-00001-of-00003.rfx"
  private static let sampleShard = "samples/shard-00001-of-00003.rfx"

  /// Command lines whose last word is an output that is one of their inputs, by whatever name.
  private static let attacks: [[String]] = [
    ["recompress", "tokens", "--output", shard],
    ["recompress", "tokens", "--output", "tokens/manifest.json"],
    ["recompress", "tokens", "--output", "door/manifest.json"],
    ["recompress", "samples.rfx", "--output", "link.rfx"],
    ["recompress", "samples.rfx", "--output", "second.rfx"],
    ["recompress", "second.rfx", "--output", "samples.rfx"],
    ["merge", "samples", "--output", sampleShard],
    ["merge", "samples", "--tokens", "tokens", "--output", shard],
    ["merge", "samples", "--output", "samples"],
    ["split", "samples", "--shards", "2", "--output", "samples"],
    ["split", "samples", "--shards", "2", "--tokens", "tokens", "--output", "tokens"],
    ["recover", shard, "--output", shard],
    ["export", "npy", "tokens", "--output", shard],
    ["import", "npy", "ids.npy", "--output", "ids.npy"],
    ["import", "npy", "ids.npy", "--tokenizer", "tokenizer.json", "--output", "tokenizer.json"],
    ["tokenize", "text.txt", "--tokenizer", "tokenizer.json", "--output", "./text.txt"],
    ["tokenize", ".", "--train-tokenizer", "257", "--output", "text.txt"],
    [
      "tokenize", "text.txt", "--output", "n.rfx", "--train-tokenizer", "257",
      "--tokenizer-output", "text.txt",
    ],
    ["stats", "tokens", "--html", shard],
    ["stats", "samples", "--against", "tokens", "--html", "door/manifest.json"],
    [
      "evaluate", "--model", "teacher", "--tokens", "tokens", "--html", "teacher/model.safetensors",
    ],
    ["evaluate", "--model", "teacher", "--tokens", "tokens", "--html", shard],
    [
      "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--samples", "samples", "--html",
      sampleShard,
    ],
    ["report", "teacher", "--output", "teacher/model.safetensors"],
    ["report", "teacher", "--output", "teacher/metrics.jsonl"],
    ["cache", "--teacher", "teacher", "--tokens", "tokens", "--output", shard],
    ["cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "teacher/config.json"],
    [
      "cache", "--logits", "ids.npy", "--context", "8", "--tokens", "tokens.rfx", "--output",
      "ids.npy",
    ],
    [
      "train", "--student", "teacher", "--tokens", "tokens.rfx", "--loss", "ce", "--steps", "1",
      "--output", "teacher",
    ],
    [
      "train", "--student", "teacher/config.json", "--tokens", "tokens.rfx", "--loss", "ce",
      "--steps", "1", "--output", "teacher",
    ],
    [
      "train", "--student", "student.json", "--teacher", "teacher", "--tokens", "tokens.rfx",
      "--loss", "fullkd", "--steps", "1", "--output", "teacher",
    ],
    [
      "train", "--student", "student.json", "--mix", "mix.json", "--loss", "ce", "--steps", "1",
      "--output", "tokens",
    ],
    [
      "objective", "fullkd", "--student", "logits.json", "--teacher", "logits.json", "--gradient",
      "logits.json",
    ],
    ["select", "cutmix", "--images", "ids.npy", "--output", "./ids.npy"],
    ["select", "--samples", "samples.rfx", "--pick", "0.5", "--output", "second.rfx"],
    ["select", "--samples", "samples", "--pick", "0.5", "--output", sampleShard],
    ["quickstart", "--data", "tokens", "--output", "tokens"],
  ]

  @Test func noVerbDestroysAnInput() throws {
    try makeAll()
    let before = try contents()
    for arguments in Self.attacks {
      for more in [[], ["--force"]]
      where arguments[0] != "split" && arguments[0] != "quickstart"
        || more.isEmpty
      {
        let run = try command.run(arguments + more)
        #expect(run.exitCode == 64, "\(arguments): \(run)")
        #expect(run.output == "")
        #expect(run.diagnostics.contains(" would be overwritten by the output "), "\(arguments)")
      }
    }
    #expect(try contents() == before)
  }

  /// The output option of every verb that has one, at the end of a command line that would work.
  private static let verbs: [String: [String]] = [
    "tokenize --output": ["text.txt", "--tokenizer", "tokenizer.json"],
    "tokenize --tokenizer-output": ["text.txt", "--output", "n.rfx", "--train-tokenizer", "257"],
    "recompress --output": ["samples.rfx"],
    "merge --output": ["samples"],
    "merge --manifest": ["samples"],
    "split --output": ["samples.rfx", "--shards", "2"],
    "recover --output": ["samples.rfx"],
    "export npy --output": ["tokens.rfx"],
    "import npy --output": ["ids.npy"],
    "stats --html": ["samples.rfx"],
    "evaluate --html": ["--model", "teacher", "--tokens", "tokens.rfx"],
    "report --output": ["teacher"],
    "cache --output": ["--teacher", "teacher", "--tokens", "tokens.rfx", "--context", "8"],
    "train --output": [
      "--student", "student.json", "--tokens", "tokens.rfx", "--loss", "ce", "--steps", "1",
      "--window", "8",
    ],
    "train --tensorboard": [
      "--student", "student.json", "--tokens", "tokens.rfx", "--loss", "ce", "--steps", "1",
      "--window", "8", "--output", "n",
    ],
    "objective --gradient": [
      "fullkd", "--student", "logits.json", "--teacher", "logits.json",
    ],
    "select --output": ["--samples", "samples.rfx", "--pick", "0.5"],
    "quickstart --output": ["--data", "text.txt"],
  ]
  /// Options for folders of files with names that nobody else has, removed at the end, and what
  /// is no output.
  private static let others: Set = [
    "bench store --scratch", "bench pipeline --scratch", "bench train --scratch",
    "bench sampling --scratch", "bench kernels --scratch",
    // Places of a plan, which are read.
    "plan --position", "explain-step --position",
  ]
  private static let folders: Set = [
    "merge --manifest", "split --output", "train --output", "train --tensorboard",
    "quickstart --output",
  ]

  /// A new option for an output must be added here, and so must pass the tests below.
  @Test func everyOutputOfEveryVerbIsKnown() throws {
    let run = try command.run("--experimental-dump-help")
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    var found: Set<String> = []
    func visit(_ verb: [String: Any], _ path: [String]) {
      for argument in verb["arguments"] as? [[String: Any]] ?? [] {
        let names = (argument["names"] as? [[String: Any]] ?? []).compactMap {
          $0["name"] as? String
        }
        let text = argument["abstract"] as? String ?? ""
        guard argument["kind"] as? String == "option", let name = names.first else { continue }
        let isOutput =
          ["Where ", "Folder for", "Folder with room", "Write"].contains { text.hasPrefix($0) }
          || ["output", "html", "manifest", "tensorboard", "scratch", "save", "dump", "write"]
            .contains { name.contains($0) }
        if isOutput { found.insert((path + ["--" + name]).joined(separator: " ")) }
      }
      for verb in verb["subcommands"] as? [[String: Any]] ?? [] {
        visit(verb, path + [verb["commandName"] as? String ?? ""])
      }
    }
    visit(try #require(root["command"] as? [String: Any]), [])
    #expect(found.subtracting(Self.others) == Set(Self.verbs.keys))
  }

  @Test(arguments: ["-", "/dev/stdout"])
  func pagesGoToStandardOutput(name: String) throws {
    try samples.makeTokens()
    try folder.write("run/metrics.jsonl", #"{"step":1,"tokens":8,"loss":2.5}"# + "\n")
    for arguments in [
      ["stats", "tokens.rfx", "--quiet", "--html"], ["report", "run", "--output"],
    ] {
      let run = try command.run(arguments + [name])
      #expect(run.exitCode == 0, "\(run)")
      #expect(run.output.hasPrefix("<!DOCTYPE html>") && run.output.hasSuffix("</html>\n"))
      let both = try command.run(arguments + [name, "--json"])
      #expect(both.exitCode == 64 && both.output == "")
    }
    #expect(!folder.exists("-"))
    let names = try folder.names()
    // Pages of ours are drawn again, others stay.
    for _ in 0..<2 {
      for page in ["page.html", "run/report.html"] {
        #expect(try command.run("report", "run", "--output", page).exitCode == 0)
      }
    }
    try folder.write("mine.html", "<!DOCTYPE html><title>mine</title>")
    let refused = try command.run("report", "run", "--output", "mine.html")
    #expect(
      refused
        == .init(
          diagnostics: "reflux: mine.html: exists already and is not a page of 'reflux report';"
            + " name another output, or replace it with --force\n", exitCode: 1))
    #expect(try folder.names() == (names + ["mine.html", "page.html"]).sorted())
  }

  @Test func everyVerbRefusesWhatIsNoPlainFile() throws {
    try makeAll()
    try folder.write("precious.txt", "precious")
    try folder.write("sub/x", "x")
    mkfifo(folder.file("pipe"), 0o600)
    try folder.link("to-precious", to: "precious.txt")
    symlink("/dev/null", folder.file("to-null"))
    let before = try contents()
    let names = try folder.names()
    for (verb, arguments) in Self.verbs.sorted(by: { $0.key < $1.key }) {
      var outputs = ["": 64, "pipe": 1, "to-null": 1, "to-precious": 1, "precious.txt": 1]
      if !Self.folders.contains(verb) { outputs["sub"] = 1 }
      for (output, code) in outputs {
        let words = verb.split(separator: " ").map(String.init)
        let run = try command.run(words.dropLast() + arguments + [words[words.count - 1], output])
        #expect(run.exitCode == code, "\(verb) '\(output)': \(run)")
        #expect(run.output == "", "\(verb) '\(output)'")
        #expect(try folder.names() == names, "\(verb) '\(output)'")
      }
    }
    #expect(try contents() == before)
  }
}
