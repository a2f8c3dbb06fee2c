import Foundation
import RefluxJSON
import TestSupport
import Testing

/// What commands print with `--json` and write is what Formats/JSON/SPEC.md says: no other key,
/// none that never comes, every value of its type.
@Suite struct JSONSpecificationTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  let specification: JSONSpecification

  init() throws {
    specification = try JSONSpecification()
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    try samples.done(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "top.rfx", "--context",
      "8", "--rounds", "6", "--estimator", "topk", "--record",
      "mass,logsum,entropy,label,power", "--note", "a=b", "--quiet")
    try samples.done(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "tempered.rfx",
      "--context", "8", "--rounds", "6", "--tau", "0.5", "--uncorrected", "--temperature", "2",
      "--quiet")
  }

  /// Runs `reflux` with `--json` and reads what it prints; exit codes that say what was found, such
  /// as that of `diff`, are no failures.
  private func objects(_ line: String, exitCode: Int32 = 0) throws -> [JSONValue] {
    let words = line.split(separator: " ").map(String.init)
    let run = try samples.command.run(words + ["--json"])
    #expect(run.exitCode == exitCode, "\(line): \(run.diagnostics)")
    return try lines(run.output)
  }

  private func lines(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  private func expect(
    _ name: String, _ objects: [JSONValue], location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(specification.differences(of: objects, from: name) == [], sourceLocation: location)
  }

  private func expect(
    _ name: String, _ commands: [String], location: SourceLocation = #_sourceLocation
  ) throws {
    try expect(name, commands.flatMap { try objects($0) }, location: location)
  }

  /// Every command that has the option, from its own help, and no other.
  @Test func everyCommandIsSpecified() throws {
    for verb in UsageTests.verbs {
      let name = "reflux " + verb.joined(separator: " ")
      let hasOption = try samples.done(verb + ["--help"]).contains("  --json ")
      let isSpecified = specification.tables[name]?.isEmpty == false
      // What all benchmarks have stands under the name of their group.
      #expect(hasOption == isSpecified || name == "reflux bench", "\(name)")
    }
  }

  @Test func storesAndText() throws {
    try expect(
      "reflux tokenize",
      [
        "tokenize text.txt --output a.rfx --train-tokenizer 257 --tokenizer-output a.json --quiet",
        "tokenize text.txt --output b.rfx --tokenizer a.json --quiet",
      ])
    try expect("reflux inspect", ["tokens", "top", "tempered"].map { "inspect \($0).rfx" })
    try expect(
      "reflux split",
      [
        "split samples.rfx --output shards --shards 2",
        "split tempered.rfx --output tempered --shards 2",
        "split top.rfx --output top --shards 2",
        "split tokens.rfx --output token-shards --shards 1",
      ])
    try expect(
      "reflux merge",
      [
        "merge shards --output whole.rfx", "merge token-shards --output whole-tokens.rfx",
        "merge tempered --output whole-tempered.rfx", "merge top --output whole-top.rfx",
      ])
    try expect(
      "reflux recompress",
      [
        "recompress top.rfx --output plain.rfx --encoding plain",
        "recompress tokens.rfx --output smaller.rfx --level 3",
        "recompress tempered.rfx --output warm.rfx --encoding plain",
      ])
    try expect("reflux export npy", ["export npy tokens.rfx --output ids.npy"])
    try expect("reflux import npy", ["import npy ids.npy --output ids.rfx"])
  }

  @Test func whatIsInStores() throws {
    try expect(
      "reflux cat",
      ["tokens", "samples", "top"].map { "cat \($0).rfx --records 0..<2" })
    try expect(
      "reflux stats",
      ["stats tokens.rfx", "stats samples.rfx --against tokens.rfx", "stats top.rfx"])
    try samples.makeOtherTokens()
    try expect(
      "reflux diff",
      objects("diff tokens.rfx tokens.rfx") + objects("diff tokens.rfx other.rfx", exitCode: 1)
        + objects("diff samples.rfx top.rfx", exitCode: 1)
        + objects("diff top.rfx samples.rfx", exitCode: 1))
    try expect(
      "reflux forecast",
      ["forecast --tokens 1e6 --vocabulary 257 --rounds 5 --tokens-per-second 10"])
  }

  @Test func damagedStores() throws {
    try samples.done("split", "samples.rfx", "--output", "shards", "--shards", "1")
    let shard = try #require(folder.names("shards").first { $0.hasSuffix(".rfx") })
    try LongStores(folder: folder).damage("shards/" + shard, into: "bad.rfx")
    try folder.write("shards/" + shard, folder.bytes("bad.rfx"))
    try expect(
      "reflux verify", objects("verify samples.rfx") + objects("verify shards", exitCode: 2))
    try expect("reflux recover", ["recover bad.rfx --output recovered.rfx"])
  }

  @Test func captures() throws {
    let cache = "cache --teacher teacher --tokens tokens.rfx --context 8 --quiet"
    try expect(
      "reflux cache",
      [" --output new.rfx", " --output new.rfx", " --output none.rfx --dry-run"].map { cache + $0 })
  }

  private static let training = LearningSamples.training.joined(separator: " ") + " --quiet"

  @Test func trainings() throws {
    let training = Self.training
    try expect(
      "reflux train --dry-run",
      [
        training + " --loss fullkd --teacher teacher --output none --steps 3 --held-out tokens.rfx"
          + " --dry-run"
      ])
    try LongStores(folder: folder).makeTokens("long.rfx")
    try LongStores(folder: folder).damage("long.rfx", into: "bad.rfx")
    try folder.write("long.json", LearningSamples.configuration.replacing("257", with: "300"))
    let rows = try [
      " --loss rskd --samples samples.rfx --output drawn --steps 3 --alpha 0.8 --alpha-end 0.5"
        + " --held-out tokens.rfx --evaluate-every 2",
      " --loss ce --output wild --steps 6 --learning-rate 3 --warmup-steps 0 --bad-steps skip"
        + " --spike-factor 1.000001",
    ].flatMap { try objects(training + $0) }
    let skipping = training.replacing("student.json", with: "long.json")
      .replacing("tokens.rfx", with: "bad.rfx")
    let more = try objects(skipping + " --loss ce --output skips --steps 6 --on-damage skip")
    try expect("reflux train", rows + more)
    let logged = try ["drawn", "wild", "skips"].flatMap { run in
      try lines(String(decoding: folder.bytes(run + "/metrics.jsonl"), as: UTF8.self))
    }
    #expect(logged == rows + more)
    try expect("reflux report", ["report drawn wild --output runs.html"])
  }

  @Test func figuresOfModels() throws {
    let evaluate = "evaluate --model teacher --tokens tokens.rfx --limit 300"
    try expect(
      "reflux evaluate",
      [
        evaluate,
        evaluate + " --teacher teacher --samples samples.rfx --gradients 1 --gradient-batches 1"
          + " --gradient-targets topk3",
        evaluate + " --samples top.rfx --objective jsd:beta=0.3 --objective ce",
        evaluate + " --teacher teacher --objective rkl",
      ])
    let generate = "generate --model teacher --prompt to --count 3"
    try expect("reflux generate", [generate, generate + " --draft teacher"])
    try expect("reflux plan", ["plan --tokens tokens.rfx --samples samples.rfx --batch 4"])
    try expect(
      "reflux explain-step", ["explain-step 1 --tokens tokens.rfx --batch 2 --window 8"])
  }

  @Test(arguments: [
    ("kernels", ["--vocabulary 300 --rows 20 --objective jsd"]),
    (
      "sampling",
      ["--vocabulary 300 --rows 8", "--teacher quickstart --dtype float32"]
    ),
    ("store", ["--records 1024 --simulated-size 64MiB --scratch ."]),
    ("pipeline", ["--tokens 65536 --windows 2048 --threads 1 --shards 64 --scratch ."]),
    (
      "train",
      [
        "--vocabulary 300 --width 64 --layers 1 --batch 2 --window 8 --threads 1 --dtype float32"
          + " --target ce --loss jsd --focus student-entropy:0.5 --scratch ."
      ]
    ),
  ])
  func benchmarks(name: String, options: [String]) throws {
    let commands = options.map { "bench \(name) --runs 1 --quiet " + $0 }
    try expect("reflux bench " + name, commands)
    let common = Set(specification.tables["reflux bench", default: [:]].keys)
    for row in try objects(commands[0]) {
      #expect(common.isSubset(of: row.objectValue?.members.map(\.key) ?? []))
    }
  }

  // MARK: Files

  @Test func metadataOfCheckpoints() throws {
    try samples.done(
      (Self.training + " --loss ce --steps 2 --output first").split(separator: " ").map(String.init)
    )
    try samples.done(
      (Self.training + " --loss ce --steps 2 --output second"
        + " --from-checkpoint first/checkpoint.safetensors").split(separator: " ").map(String.init))
    let metadata = try ["first", "second"].map { run in
      let bytes = try folder.bytes(run + "/checkpoint.safetensors")
      let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = try JSONValue(parsing: Array(bytes[8..<8 + length]))
      return try #require(header.objectValue?["__metadata__"])
    }
    try expect("checkpoint.safetensors", metadata)
  }

  /// The example has every key; any other is refused with the list of those that there are.
  @Test func mixes() throws {
    let keys = try #require(specification.tables["mix.json"]).keys
    func members(of prefix: String) -> Set<String> {
      Set(keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
        .filter { !$0.contains(".") }
    }
    let place = #""sources": [{"tokens": "tokens.rfx"}], "phases": []"#
    for (prefix, mix) in [
      ("", #"{"other": 1, \#(place)}"#),
      ("sources[].", place.replacing("{", with: #"{"other": 1, "#)),
      (
        "phases[].",
        place.replacing("[]", with: #"[{"other": 1, "from_token": 0, "weights": [1]}]"#)
      ),
    ] {
      try folder.write("mix.json", mix.hasPrefix("{") ? mix : "{" + mix + "}")
      let run = try samples.command.run("plan", "--mix", "mix.json")
      let known = try #require(run.diagnostics.firstMatch(of: /known are ([a-z_, ]+)/)).1
      #expect(Set(known.components(separatedBy: ", ")) == members(of: prefix), "\(prefix)")
    }
    try samples.done(
      "select", "--samples", "top.rfx", "--pick", "0.5", "--output", "weights.rfx", "--quiet")
    for mix in Self.mixes {
      try folder.write("mix.json", mix)
      #expect(try objects("plan --mix mix.json --window 8 --batch 2").count == 1)
    }
    try expect("mix.json", Self.mixes.flatMap(lines))
  }

  private static let mixes = [
    #"{"sources": [{"tokens": "tokens.rfx", "samples": "samples.rfx", "weight": 0.5, "#
      + #""token_weight": 2, "alpha": 0.5}, {"tokens": "tokens.rfx", "samples": "samples.rfx", "#
      + #""weight": 0.5}], "phases": [{"from_token": 0, "weights": [1, 1]}]}"#,
    #"{"sources": [{"tokens": "tokens.rfx", "weights": "weights.rfx", "epochs": 2}]}"#,
  ]
}
