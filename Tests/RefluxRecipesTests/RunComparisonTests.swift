import Foundation
import RefluxFiles
import RefluxRecipes
import RefluxReport
import TestSupport
import Testing

/// Runs read back from their logs.
struct RunComparisonTests {
  let folder = TemporaryFolder()

  private func write(_ name: String, _ lines: [String], end: String = "\n") throws {
    try FileSystem.createDirectory(path: folder.file(name))
    let text = lines.joined(separator: "\n") + end
    try FileSystem.writeFile(path: folder.file(name + "/metrics.jsonl"), bytes: Array(text.utf8))
  }

  private static let lines = [
    #"{"step":1,"tokens":100,"loss":5.5,"tokens_per_second":100.0,"data_wait_percent":8.0,"#
      + #""seconds":1.0,"held_out_loss":5.0,"held_out_ece_percent":3.0,"#
      + #""held_out_calibration":[{"count":4,"confidence":0.5,"accuracy":0.25}]}"#,
    #"{"step":2,"tokens":400,"loss":4.5,"tokens_per_second":300.0,"data_wait_percent":2.0,"#
      + #""seconds":3.5,"held_out_loss":4.75,"held_out_ece_percent":2.5,"#
      + #""held_out_calibration":[{"count":3,"confidence":0.5,"accuracy":0.5}]}"#,
    #"{"step":3,"tokens":500,"loss":4.25,"tokens_per_second":null,"data_wait_percent":null,"#
      + #""seconds":4.0,"new_key":[1]}"#,
  ]

  @Test func rowHasLastFiguresAndMeans() throws {
    try write("a", Self.lines)
    let run = try RunComparison.read([folder.file("a")])[0]
    let row = run.row
    #expect(row.name == "a" && row.steps == 3 && row.tokens == 500 && row.loss == 4.25)
    #expect(row.heldOutLoss == 4.75 && row.bestHeldOutLoss == 4.75 && row.ecePercent == 2.5)
    // 100 tokens in a second and 300 in another.
    #expect(row.tokensPerSecond == 200 && row.dataWaitPercent == 5 && row.seconds == 4)
    let report = RunComparison.report([run])
    #expect(report.title == "a" && report.heldOutCurves[0].points.map(\.loss) == [5, 4.75])
    #expect(report.rateCurves[0].points.map(\.tokens) == [100, 400])
    #expect(report.reliability[0].bins == [.init(confidence: 0.5, accuracy: 0.5, weight: 3)])
  }

  @Test func runsOfOneNameAreToldApartAndChartsLeaveOutWhatIsMissing() throws {
    try write("x/run", Self.lines)
    try write("y/run", [Self.lines[2]])
    let paths = [folder.file("x/run"), folder.file("y/run/metrics.jsonl")]
    let runs = try RunComparison.read(paths)
    #expect(runs.map(\.name) == paths)
    let report = RunComparison.report(runs)
    #expect(report.heldOutCurves.count == 1 && report.trainingCurves.count == 2)
    #expect(report.title == "Comparison of 2 runs")
    #expect(runs[1].row.tokensPerSecond?.isFinite == false)
    #expect(report.html().contains("Held-out loss"))
  }

  /// A folder of runs, and one of folders of them, as a quickstart's.
  @Test func aFolderOfRunsStandsForAllOfThem() throws {
    for name in ["q/models/b", "q/models/a"] { try write(name, Self.lines) }
    try FileSystem.createDirectory(path: folder.file("q/models/empty"))
    try FileSystem.createDirectory(path: folder.file("q/other"))
    for path in ["q", "q/", "q/models"] {
      #expect(try RunComparison.read([folder.file(path)]).map(\.name) == ["a", "b"], "\(path)")
    }
    let error = #expect(throws: RecipeError.self) {
      try RunComparison.read([folder.file("q/other")])
    }
    #expect(error.map { "\($0)".hasPrefix("holds no metrics.jsonl") } == true)
  }

  /// The run may be writing its last line.
  @Test func lastLineWithoutAnEndIsLeftOut() throws {
    try write("a", Self.lines, end: "")
    #expect(try RunComparison.read([folder.file("a")])[0].row.steps == 2)
  }

  @Test func badFilesAreRefusedWithTheirLine() throws {
    for (index, line) in ["", "{", "[]", #"{"step":1}"#, #"{"step":0,"tokens":1}"#].enumerated() {
      try write("\(index)", [Self.lines[0], line, Self.lines[1]])
      let path = folder.file("\(index)")
      let error = #expect(throws: RecipeError.self) { try RunComparison.read([path]) }
      #expect(error?.path == path + "/metrics.jsonl")
      #expect("\(try #require(error))".hasPrefix("line 2 is not a row"))
    }
    try write("empty", [], end: "")
    #expect(throws: RecipeError.self) { try RunComparison.read([folder.file("empty")]) }
    #expect(throws: RecipeError.self) { try RunComparison.read([folder.file("missing")]) }
  }
}
