import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import reflux

/// Settings as JSON: run files in, run files out.
@Suite struct RunFileTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func settings(_ path: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(folder.bytes(path)))
    return try #require(object as? [String: Any])
  }

  /// From a run's own file, from another folder, to the bit.
  @Test(arguments: ["adamw", "muon"])
  func aRunIsRepeatedFromItsOwnFile(optimizer: String) throws {
    try samples.makeTokens()
    try samples.done(
      LearningSamples.training + [
        "--loss", "ce", "--output", "runs/first", "--epochs", "0.4", "--seed", "3", "--data-seed",
        "9", "--optimizer", optimizer, "--beta2", "0.9", "--muon-momentum", "0.8", "--quiet",
      ])
    let text = String(decoding: try folder.bytes("runs/first/run.json"), as: UTF8.self)
    #expect(text.hasPrefix("{\n  \"verb\": \"train\",\n  \"software\": \"reflux "))
    let kept = try settings("runs/first/run.json")
    #expect(kept["student"] as? String == "../../student.json" && kept["output"] as? String == ".")
    #expect(kept["epochs"] is NSNull && (kept["steps"] as? Int ?? 0) > 5)
    #expect(kept["window"] as? Int == 8 && kept["data_seed"] as? Int == 9)
    #expect(kept["precision"] as? String == "float32" && kept["beta2"] as? Double == 0.9)

    try FileManager.default.createDirectory(
      atPath: folder.file("elsewhere"), withIntermediateDirectories: true)
    let again = try command.shell(
      "cd elsewhere && \"$reflux\" train --config ../runs/first/run.json --output again --quiet")
    #expect(again == .init())
    #expect(
      try folder.bytes("elsewhere/again/model.safetensors")
        == folder.bytes("runs/first/model.safetensors"))
    // What was decided for it is decided again; only the folder is another.
    var other = try settings("elsewhere/again/run.json")
    #expect(other["student"] as? String == "../../student.json")
    other["tokens"] = kept["tokens"]
    #expect(NSDictionary(dictionary: other) == NSDictionary(dictionary: kept))
    // Without another folder it is the run itself, which is done.
    let same = try command.run("train", "--config", "runs/first/run.json")
    #expect(same.exitCode == 0 && same.diagnostics.contains("steps are done"))
  }

  /// The models of a quickstart are runs of `train`: their files make the same bits.
  @Test func aModelOfAQuickstartIsRepeated() throws {
    for file in 0..<4 {
      try folder.write("text/\(file).txt", LearningSamples.text(words: 2500, seed: UInt64(file)))
    }
    try samples.done(
      "quickstart", "--small", "--data", "text", "--output", "quick", "--seed", "4", "--quiet")
    let kept = try settings("quick/run.json")
    #expect(kept["data"] as? [String] == ["../text"] && kept["small"] as? Bool == true)
    for name in ["rskd", "fullkd"] {
      try samples.done(
        "train", "--config", "quick/models/\(name)/run.json", "--output", name, "--quiet")
      #expect(
        try folder.bytes(name + "/model.safetensors")
          == folder.bytes("quick/models/\(name)/model.safetensors"))
      let log = { (path: String) in
        try JSONRows(String(decoding: folder.bytes(path + "/metrics.jsonl"), as: UTF8.self))
      }
      #expect(try log(name).numbers("loss") == log("quick/models/" + name).numbers("loss"))
    }
  }

  @Test func seedsOfWeightsAndOrderAreApart() throws {
    try samples.makeTokens()
    func losses(_ seeds: String...) throws -> [Double] {
      let output = "run" + seeds.joined()
      return try JSONRows(
        samples.done(
          LearningSamples.training + ["--loss", "ce", "--output", output, "--steps", "3"] + seeds
            + ["--json", "--quiet"])
      ).numbers("loss")
    }
    let plain = try losses("--seed", "5")
    #expect(try losses("--seed", "5", "--data-seed", "5") == plain)
    let order = try losses("--seed", "5", "--data-seed", "6")
    let weights = try losses("--seed", "6", "--data-seed", "5")
    #expect(order != plain && weights != plain && order != weights)
  }

  @Test func optionsWinAndPrintedSettingsAreTheSame() throws {
    try folder.write(
      "conf/run.json",
      #"{"student": "s.json", "tokens": "../t.rfx", "output": "/x/out", "loss": "ce", "#
        + #""epochs": 2, "recompute": true, "skip": ["1..<2"], "precision": "bf16"}"#)
    let run = try command.run(
      "train", "--config", "conf/run.json", "--steps", "7", "--no-recompute", "--skip", "3..<4",
      "--skip", "8..<9", "--print-config")
    #expect(run.exitCode == 0 && run.diagnostics == "")
    try folder.write("printed.json", run.output)
    let printed = try settings("printed.json")
    #expect(printed["student"] as? String == "conf/s.json")
    #expect(printed["tokens"] as? String == "conf/../t.rfx")
    #expect(printed["output"] as? String == "/x/out")
    #expect(printed["steps"] as? Int == 7 && printed["epochs"] is NSNull)
    #expect(printed["recompute"] as? Bool == false)
    #expect(printed["skip"] as? [String] == ["3..<4", "8..<9"])
    #expect(printed["precision"] as? String == "bfloat16")
    #expect(printed["beta1"] as? Double == 0.9 && printed["epsilon"] as? Double == 1e-8)
    // What it prints is a run file that says the same.
    let again = try command.run("train", "--config", "printed.json", "--print-config")
    #expect(again == .init(run.output))
    #expect(try folder.names() == ["conf", "printed.json"])
  }

  @Test(arguments: [
    (#"{"lr": 1}"#, "no setting 'lr'; here it is 'learning_rate'"),
    (#"{"learning_rte": 1}"#, "no setting 'learning_rte'; did you mean 'learning_rate'?"),
    (#"{"learning_rate": "high"}"#, "'learning_rate' is 'high', expected a number of 0 to 100"),
    (
      #"{"loss": "rksd"}"#,
      "'loss': no objective 'rksd'; did you mean 'rskd'?"
    ),
    (#"{"batch": -1}"#, "'batch' is -1, expected a whole number of 1 to 65536"),
    (#"{"batch": 1e300}"#, "'batch' is 1e+300, expected a whole number of 1 to 65536"),
    (#"{"verb": "cache"}"#, "holds settings of 'cache', expected those of 'train'"),
    ("[1]", "found an array, expected a JSON object of settings"),
    (#"{"seed": NaN}"#, "not JSON at line 1, column 10: found 'N', expected a value"),
    (
      #"{"seed": 1, "seed": 2}"#,
      "JSON at line 1, column 13: key 'seed' comes twice in one object; remove one of them"
    ),
    ("", "JSON ends where a value was expected; the file may be cut short"),
    (
      String(repeating: "[", count: 100_000),
      "JSON at line 1, column 65 is nested deeper than 64 levels; expected a flatter document"
    ),
  ])
  func saysWhatIsWrongWithAFile(text: String, message: String) throws {
    try folder.write("f.json", text)
    let run = try command.run("train", "--config", "f.json")
    #expect(run == .init(diagnostics: "reflux: f.json: \(message)\n", exitCode: 2))
  }

  @Test func refusesWhatIsNoRunFileAtAll() throws {
    try folder.write("big.json", Array(repeating: UInt8(ascii: " "), count: 100 << 20))
    for (path, exitCode) in [("big.json", 1), ("none.json", 1), (".", 1)] {
      let run = try command.run("train", "--config", path)
      #expect(run.exitCode == Int32(exitCode), "\(path): \(run.diagnostics)")
      #expect(run.diagnostics.hasPrefix("reflux: \(path): "))
      #expect(run.diagnostics.split(separator: "\n").count == 1)
    }
  }

  @Test func aFileOfAPersonIsNotReplaced() throws {
    try samples.makeTokens()
    let own =
      #"{"student": "../student.json", "tokens": "../tokens.rfx", "loss": "ce", "steps": 2}"#
    try folder.write("out/run.json", own)
    let run = try command.run("train", "--config", "out/run.json", "--output", "out", "--quiet")
    #expect(run.exitCode == 1)
    #expect(run.diagnostics.contains("out/run.json: ") && run.diagnostics.contains("--force"))
    #expect(try folder.bytes("out/run.json") == Array(own.utf8))
  }

  /// Kept beside a store, which is one file.
  @Test func aCaptureKeepsItsSettings() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let kept = try settings("samples.rfx.run.json")
    #expect(kept["teacher"] as? String == "teacher" && kept["output"] as? String == "samples.rfx")
    #expect(kept["context"] as? Int == 8 && kept["precision"] as? String == "float32")
    try samples.done(
      "cache", "--config", "samples.rfx.run.json", "--output", "again.rfx", "--quiet")
    let diff = try command.run("diff", "samples.rfx", "again.rfx")
    #expect(diff.exitCode == 0, "\(diff)")
  }

  @Test func reportsWhatWasSetDifferently() throws {
    try samples.makeTokens()
    for (name, rate) in [("a", "0.001"), ("b", "0.002")] {
      try samples.done(
        LearningSamples.training + [
          "--loss", "ce", "--output", name, "--steps", "4", "--learning-rate", rate, "--quiet",
        ])
    }
    let run = try command.run("report", "a", "b", "--json")
    let object = try JSONRows(run.output).rows[0]
    let differences = try #require(object["differences"] as? [[String: Any]])
    #expect(differences.map { $0["setting"] as? String } == ["learning rate"])
    #expect(differences.map { $0["values"] as? [String] } == [["0.001", "0.002"]])
    let page = String(decoding: try folder.bytes("report.html"), as: UTF8.self)
    #expect(page.contains("learning rate") && page.contains("0.002"))
  }
}
