import Foundation
import RefluxFiles
import RefluxJSON
import RefluxModel
import RefluxRecipes
import RefluxReport
import RefluxTargets
import Synchronization
import TestSupport
import Testing

/// The whole road with budgets of a few steps.
@Suite struct QuickstartTests {
  let folder = TemporaryFolder()

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("text"), withIntermediateDirectories: true)
    var random = TestRandom(seed: 3)
    let words = ["let ", "x", " = ", "y", "\n", "func ", "(", ")", " {\n", "}\n", "return "]
    for file in 0..<6 {
      let text = (0..<600).map { _ in words[Int(random.next() % UInt64(words.count))] }
      try Data(text.joined().utf8).write(
        to: URL(fileURLWithPath: folder.file("text/\(file).txt")))
    }
  }

  private func configuration(seed: UInt64) -> QuickstartConfiguration {
    var configuration = QuickstartConfiguration(seed: seed)
    configuration.vocabularySize = 300
    configuration.window = 16
    configuration.batch = 2
    configuration.teacherTokens = 32 * 6
    configuration.studentTokens = 32 * 5
    configuration.segmentTokens = 128
    configuration.warmupSteps = 2
    configuration.rounds = 8
    configuration.topK = 4
    configuration.heldOutTokens = 320
    configuration.curveTokens = 64
    configuration.curveSteps = 2
    return configuration
  }

  private func run(
    _ output: String, seed: UInt64 = 0, workers: Int = 2, observer: StageObserver = .silent
  ) throws -> QuickstartResults {
    let recipe = Quickstart(
      configuration(seed: seed), corpus: try TextCorpus(paths: [folder.file("text")]),
      folder: QuickstartFolder(path: folder.file(output)), compute: compute(workers),
      observer: observer)
    return try recipe.run(about: [("Machine", "a test's")])
  }

  private func compute(_ threads: Int) -> ComputeSettings {
    var compute = ComputeSettings()
    (compute.precision, compute.threads) = (.float32, threads)
    return compute
  }

  /// The row without what time decides.
  private func figures(_ results: QuickstartResults) -> [MethodRow] {
    results.rows.map { row in
      var row = row
      row.tokensPerSecond = nil
      row.dataWaitPercent = nil
      return row
    }
  }

  @Test func leavesRowsReportAndModels() throws {
    let results = try run("out")
    #expect(results.rows.map(\.method) == ["Teacher", "CE", "Top-4", "RS-KD 8", "FullKD"])
    #expect(results.rows.map(\.objective) == [nil, .ce, .topk, .rskd, .fullkd])
    for row in results.rows {
      // Random weights know nothing of some 300 ids; nobody learns all in six steps.
      #expect(row.lmLoss > 1 && row.lmLoss < log(300.0) + 1)
      #expect((0...100).contains(try #require(row.ecePercent)))
      #expect(try #require(row.tokensPerSecond) > 0)
      #expect((row.acceptancePercent == nil) == row.isTeacher)
      #expect((row.cacheBytesPerToken != nil) == [.topk, .rskd].contains(row.objective))
      #expect(results.table.contains(row.method) && results.markdown.contains(row.method))
    }
    let page = String(
      decoding: try FileSystem.readFile(path: folder.file("out/report.html")), as: UTF8.self)
    #expect(page.hasPrefix("<!doctype html>") || page.hasPrefix("<!DOCTYPE html>"))
    for text in ["RS-KD 8", "6 files"] {
      #expect(page.contains(text), "\(text)")
    }
    for name in ["teacher", "ce", "topk", "rskd", "fullkd"] {
      for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        #expect(FileSystem.exists(path: folder.file("out/models/\(name)/\(file)")))
      }
      #expect(!FileSystem.exists(path: folder.file("out/models/\(name)/checkpoint.safetensors")))
    }
  }

  @Test func writesTheResultsAsJSON() throws {
    let results = try run("out")
    let specification = try JSONSpecification()
    #expect(specification.differences(of: [.object(results.json)], from: "reflux quickstart") == [])
    let bytes = try FileSystem.readFile(path: folder.file("out/results.json"))
    #expect(bytes.last == UInt8(ascii: "\n"))
    #expect(bytes.dropLast() == JSONValue.object(results.json).encoded()[...])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(object["report"] as? String == folder.file("out/report.html"))
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows.count == 5)
    for (row, expected) in zip(rows, results.rows) {
      #expect(row["method"] as? String == expected.method)
      let figures = [
        ("lm_loss", expected.lmLoss), ("ece_percent", expected.ecePercent),
        ("acceptance_percent", expected.acceptancePercent),
        ("tokens_per_second", expected.tokensPerSecond),
        ("cache_bytes_per_token", expected.cacheBytesPerToken),
      ]
      // Foundation rounds the last digit in its own way.
      for (key, figure) in figures {
        let found = row[key] as? Double
        #expect((found == nil) == (figure == nil), "\(key)")
        #expect(abs((found ?? 0) - (figure ?? 0)) <= 1e-12 * abs(figure ?? 0), "\(key)")
      }
    }
    #expect(rows[0]["acceptance_percent"] is NSNull && rows[0]["loss"] is NSNull)
  }

  /// Less text is whole files of it, the same ones each time, and the page says what is left out.
  @Test func takesLessTextWhereAskedTo() throws {
    var small = configuration(seed: 0)
    small.textBytes = 5000
    let files = try (0..<2).map { run in
      let recipe = Quickstart(
        small, corpus: try TextCorpus(paths: [folder.file("text")]),
        folder: QuickstartFolder(path: folder.file("small\(run)")), compute: compute(1))
      let results = try recipe.run(about: [])
      #expect(results.remarks.contains { $0.contains("The full one has all of the text") })
      return try FileSystem.readFile(path: folder.file("small\(run)/train.rfx")).count
    }
    #expect(files[0] == files[1])
    #expect(try run("out").remarks.allSatisfy { !$0.contains("full one") })
    let all = try FileSystem.readFile(path: folder.file("out/train.rfx")).count
    #expect(files[0] < all)
    let page = try FileSystem.readFile(path: folder.file("small0/report.html"))
    #expect(String(decoding: page, as: UTF8.self).contains("The full one has all of the text"))
  }

  /// Small shrinks everything but what the methods are.
  @Test func smallIsSmallerThroughout() {
    let (small, full) = (QuickstartConfiguration.small(seed: 7), QuickstartConfiguration(seed: 7))
    #expect(small.seed == 7 && small.rounds == full.rounds && small.topK == full.topK)
    #expect(5 * small.studentTokens <= full.studentTokens)
    #expect(4 * small.teacherTokens <= full.teacherTokens)
    #expect(small.teacher.hidden <= full.teacher.hidden / 2)
    #expect(small.teacherTokens >= 2 * small.studentTokens)
  }

  @Test func figuresThatAreNotFiniteAreNull() throws {
    let row = MethodRow(method: "CE", objective: .ce, lmLoss: .nan, gapPercent: -.infinity)
    var results = try run("out")
    results.rows = [row]
    let text = String(decoding: JSONValue.object(results.json).encoded(), as: UTF8.self)
    #expect(text.contains("\"lm_loss\":null") && text.contains("\"gap_percent\":null"))
  }

  /// Every model's training logs as any run does: what the report shows can be read again.
  @Test func itsModelsAreRuns() throws {
    let results = try run("out")
    let runs = try RunComparison.read([folder.file("out")])
    #expect(runs.map(\.name) == ["ce", "fullkd", "rskd", "teacher", "topk"])
    #expect(runs.map(\.row.steps) == [5, 5, 5, 6, 5])
    for run in runs {
      let objective = ObjectiveName(rawValue: run.name)
      let row = try #require(results.rows.first { $0.objective == objective })
      #expect(row.tokensPerSecond == run.row.tokensPerSecond)
      #expect(try #require(run.row.heldOutLoss) > 1)
    }
    let page = RunComparison.report(runs).html()
    #expect(page.contains("Held-out loss") && page.contains("Reliability of rskd"))
  }

  @Test func doesNothingTwice() throws {
    let first = try run("out")
    let stages = Mutex<[String]>([])
    let again = try run(
      "out",
      observer: StageObserver(
        begin: { name, _, _, _ in
          stages.withLock { $0.append(name) }
          return StageObserver.Stage(update: { _, _, _ in }, finish: {})
        }, isInterrupted: { false }))
    #expect(again.rows == first.rows)
    #expect(stages.withLock { $0 } == [])
  }

  @Test func doesNotDependOnWorkers() throws {
    #expect(try figures(run("one", workers: 1)) == figures(run("two", workers: 2)))
  }

  /// Stopped again and again, at other places each time, it ends with the same figures.
  @Test func goesOnWhereItWasStopped() throws {
    let expected = try figures(run("whole"))
    var stops = 0
    while true {
      let limit = stops
      let polls = Mutex(0)
      let observer = StageObserver(
        begin: { _, _, _, _ in StageObserver.Stage(update: { _, _, _ in }, finish: {}) },
        isInterrupted: {
          polls.withLock { polls in
            polls += 1
            return polls > 3 + limit
          }
        })
      do {
        #expect(try figures(run("cut", observer: observer)) == expected)
        break
      } catch RecipeError.interrupted {
        stops += 1
        try #require(stops < 60, "it does not get on")
      }
    }
    #expect(stops >= 5)
    for model in ["teacher", "ce", "topk", "rskd", "fullkd"] {
      let path = "/models/\(model)/model.safetensors"
      #expect(
        try FileSystem.readFile(path: folder.file("cut" + path))
          == FileSystem.readFile(path: folder.file("whole" + path)), "\(model)")
      // The log has every step once, and none is missing.
      let log = try FileSystem.readFile(path: folder.file("cut/models/\(model)/metrics.jsonl"))
      let steps = String(decoding: log, as: UTF8.self).matches(of: /"step":([0-9]+)/)
      #expect(steps.compactMap { Int($0.1) } == Array(1...steps.count), "\(model)")
    }
  }

  @Test func refusesTheFolderOfAnotherRun() throws {
    _ = try run("out")
    let before = try FileSystem.readFile(path: folder.file("out/results.json"))
    let error = #expect(throws: RecipeError.self) { _ = try run("out", seed: 1) }
    guard case .otherRun? = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
    #expect(try FileSystem.readFile(path: folder.file("out/results.json")) == before)
    try Data("more".utf8).write(to: URL(fileURLWithPath: folder.file("text/more.txt")))
    #expect(throws: RecipeError.self) { _ = try run("out") }
  }
}
