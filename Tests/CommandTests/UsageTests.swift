import ArgumentParser
import TestSupport
import Testing

@testable import reflux

/// What every verb shares: help, wrong usage, exit codes.
@Suite struct UsageTests {
  let command = Command(folder: TemporaryFolder())

  /// Every command of the tree, as its path of names.
  static let verbs: [[String]] = paths(of: Reflux.self, named: [])

  private static func paths(of verb: any ParsableCommand.Type, named name: [String]) -> [[String]] {
    // Those of groups are among them.
    return verb.configuration.subcommands.flatMap { child in
      let path = name + [child._commandName]
      return [path] + paths(of: child, named: path)
    }
  }

  @Test func hasTheDataVerbs() {
    let names = Self.verbs.map { $0.joined(separator: " ") }
    for verb in [
      "tokenize", "inspect", "verify", "cat", "stats", "diff", "merge", "split", "recompress",
      "forecast", "recover", "import npy", "export npy",
    ] {
      #expect(names.contains(verb), "\(verb) is missing")
    }
  }

  @Test(arguments: verbs)
  func explainsItselfWithExamples(verb: [String]) throws {
    let help = try command.run(verb + ["--help"])
    #expect(help.exitCode == 0)
    #expect(help.diagnostics == "")
    #expect(help.output.hasPrefix("OVERVIEW: "))
    let examples = help.output.components(after: "EXAMPLES:")
    let count = examples.split(separator: "\n").filter {
      $0.drop { $0 == " " }.hasPrefix("reflux " + verb[0])
    }.count
    #expect(count >= 2, "\(verb) has \(count) examples")
  }

  @Test(arguments: verbs)
  func documentsEveryOption(verb: [String]) throws {
    let help = try command.run(verb + ["--help"]).output
    let lines = help.split(separator: "\n")
    for (line, next) in zip(lines, lines.dropFirst() + [""]) where line.hasPrefix("  --") {
      let rest = line.replacing(/^  --[a-z0-9-]+( <[^>]*>)?/, with: "")
      let isExplained = rest.contains(/[A-Z]/) || next.hasPrefix("                 ")
      #expect(isExplained, "\(verb): \(line)")
    }
  }

  @Test func showsItsVerbsWithoutArguments() throws {
    let run = try command.run()
    #expect(run.exitCode == 0)
    for group in ["CONVERT DATA", "MAKE TARGETS", "TRAIN", "MEASURE", "LOOK INSIDE"] {
      #expect(run.output.contains("\n\(group) SUBCOMMANDS:\n"))
    }
    #expect(try command.run("--help").output == run.output)
  }

  @Test func saysItsVersion() throws {
    #expect(try command.run("--version") == .init("reflux 0.1.0\n"))
  }

  @Test func refusesAnUnknownVerb() throws {
    let run = try command.run("distil")
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(
      run.diagnostics
        == "reflux: no verb 'distil'; did you mean 'train'? 'reflux --help' lists them\n")
  }

  @Test(arguments: [
    ["tokenize"], ["tokenize", "a.txt", "--output", "a.rfx"],
    ["tokenize", "a.txt", "--output", "a.rfx", "--tokenizer", "t", "--train-tokenizer", "300"],
    ["tokenize", "a.txt", "--output", "a.rfx", "--tokenizer", "t", "--tokenizer-output", "u"],
    ["tokenize", "a.txt", "--output", "a.rfx", "--train-tokenizer", "256"],
    ["tokenize", "a.txt", "--output", "a.rfx", "--train-tokenizer", "300", "--threads", "0"],
    ["inspect"], ["inspect", "a.rfx", "b.rfx"], ["inspect", "a.rfx", "--yaml"],
    ["verify"], ["cat"], ["cat", "a.rfx", "--records", "3"],
    ["cat", "a.rfx", "--records", "5..<3"], ["cat", "a.rfx", "--records", "-1..<3"],
    ["recover", "a.rfx"], ["import", "npy", "a.npy"], ["import", "parquet", "a"],
    ["export", "npy", "a.rfx"], ["verify", "a.rfx", "--jobs", "0"], ["diff", "a.rfx"],
    ["merge", "a.rfx"], ["merge", "--output", "a.rfx"],
    ["merge", "a.rfx", "--output", "b.rfx", "--manifest", "c"],
    ["merge", "--manifest", "c", "--tokens", "t.rfx"],
    ["merge", "a.rfx", "--output", "b.rfx", "--level", "13"],
    ["split", "a.rfx", "--output", "s"], ["split", "a.rfx", "--output", "s", "--shards", "0"],
    ["split", "a.rfx", "--output", "s", "--shards", "2", "--records", "2"],
    ["recompress", "a.rfx"], ["recompress", "a.rfx", "--output", "b.rfx", "--encoding", "zip"],
    ["forecast", "--tokens", "5"], ["stats"], ["select"], ["select", "--pool", "a"],
  ])
  func refusesWrongUsage(arguments: [String]) throws {
    let run = try command.run(arguments)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.hasPrefix("reflux: "))
    #expect(run.diagnostics.contains("--help"))
    #expect(try command.folder.names() == [])
  }

  @Test func reportsAFullDiskBehindStandardOutput() throws {
    let run = try command.shell("\"$reflux\" --help >/dev/full")
    let line =
      "reflux: standard output: cannot write: No space left on device; send it elsewhere\n"
    #expect(run == .init(diagnostics: line, exitCode: 1))
  }
}

extension String {
  /// What follows the first `mark`; nothing where there is none.
  func components(after mark: String) -> Substring {
    firstRange(of: mark).map { self[$0.upperBound...] } ?? ""
  }
}
