import Foundation
import RefluxFiles
import RefluxJSON
import TestSupport
import Testing

@testable import RefluxEvaluation
@testable import RefluxTraining

/// The record of a run on disk, against tensorboard's own writer and reader.
struct RunLogTests {
  let folder = TemporaryFolder()
  static let steps = Array(1...7) + [128, 300, 20000]

  /// The figures of References/make_events.py.
  private func row(_ step: Int) -> MetricsRow {
    let report = StepReport(
      step: step, tokens: 32 * step, loss: 8 / Double(step), gradientNorm: 1.5,
      learningRate: 0.001 * Double(step), tokensPerSecond: 1000 + Double(step),
      dataWaitPercent: 0.25)
    var calibration = Calibration()
    calibration.add(confidence: 0.75, correct: true)
    calibration.add(confidence: 0.75, correct: false)
    let heldOut = EvaluationReport(
      tokens: 64, lmLoss: 4.5, calibration: calibration, tokensPerSecond: 1)
    return MetricsRow(
      report: report, seconds: Double(step) / 2, heldOut: step % 3 == 0 ? heldOut : nil)
  }

  private func log(_ name: String = "", step: Int = 0) throws -> RunLog {
    try FileSystem.createDirectory(path: folder.file(name))
    return try RunLog(
      folder: folder.file(name), eventFolder: folder.file(name), step: step, now: { 1.7e9 })
  }

  private func write(_ steps: some Sequence<Int>, to log: RunLog) throws {
    for step in steps { try log.add(row(step)) }
    try log.sync()
  }

  @Test func writesTheBytesOfTensorBoardsOwnWriter() throws {
    try write(Self.steps, to: log("a"))
    let expected = try FileSystem.readFile(path: StoredRun.folder + "/events.tfevents")
    #expect(expected.count > 1500)
    #expect(try FileSystem.readFile(path: folder.file("a/" + RunLog.eventsName)) == expected)
  }

  @Test func linesHaveTheKeysOfTheContract() throws {
    try write(2...3, to: log("a"))
    let text = try FileSystem.readFile(path: folder.file("a/" + RunLog.metricsName))
    #expect(
      String(decoding: text, as: UTF8.self) == """
        {"step":2,"tokens":64,"loss":4.0,"learning_rate":0.002,"gradient_norm":1.5,\
        "tokens_per_second":1002.0,"data_wait_percent":0.25,"seconds":1.0}
        {"step":3,"tokens":96,"loss":2.6666666666666665,"learning_rate":0.003,\
        "gradient_norm":1.5,"tokens_per_second":1003.0,"data_wait_percent":0.25,"seconds":1.5,\
        "held_out_loss":4.5,"held_out_ece_percent":25.0,"held_out_top_one_percent":50.0,\
        "held_out_tokens":64,\
        "held_out_calibration":[{"count":2,"confidence":0.75,"accuracy":0.5}]}

        """)
  }

  /// What sets and the student have in common is a mean over the rows that have a set.
  @Test func linesOfSetsSayWhatTheyHaveInCommon() throws {
    var sums = LossSums(loss: 6, weight: 4)
    #expect(sums.setFigures == nil)
    let batch = LossSums(
      weight: 2, setRows: 2, studentMass: 0.5, teacherMass: 1.5, agreement: 1, capped: 0.5)
    sums += batch
    sums += batch
    var row = row(2)
    row.report.sets = sums.setFigures
    let keys = [
      "student_mass", "teacher_mass", "top_one_agreement_percent", "capped_percent",
    ]
    #expect(keys.map { row.json[$0]?.doubleValue } == [0.25, 0.75, 50, 25])
    let tags = row.figures.compactMap(\.tag)
    #expect(keys.allSatisfy { tags.contains("sets/" + $0) })
    #expect(keys.allSatisfy { self.row(2).json[$0] == nil })
  }

  /// A file cut at any byte, or longer than the checkpoint, becomes that of a run that never
  /// stopped.
  @Test(arguments: [RunLog.metricsName, RunLog.eventsName])
  func goesOnBehindTheCheckpointWhateverIsLeft(name: String) throws {
    try write(1...9, to: log("whole"))
    try write(1...5, to: log("five"))
    let whole = try FileSystem.readFile(path: folder.file("whole/" + name))
    let five = try FileSystem.readFile(path: folder.file("five/" + name)).count
    try FileSystem.createDirectory(path: folder.file("cut"))
    let lengths = Array(five...whole.count)
    for length in lengths {
      let left = Array(whole[..<length]) + (length % 2 == 0 ? [0, 0, 0] : [])
      try FileSystem.writeFile(path: folder.file("cut/" + name), bytes: left)
      let log = try log("cut", step: 5)
      if name == RunLog.metricsName { #expect(log.secondsBefore == 2.5) }
      try write(6...9, to: log)
      #expect(try FileSystem.readFile(path: folder.file("cut/" + name)) == whole, "\(length)")
    }
  }

  @Test func aRunFromTheStartBeginsAnew() throws {
    try write(1...9, to: log("a"))
    let log = try log("a")
    #expect(log.secondsBefore == 0)
    try write(1...2, to: log)
    try write(1...2, to: self.log("b"))
    for name in [RunLog.metricsName, RunLog.eventsName] {
      let found = try FileSystem.readFile(path: folder.file("a/" + name))
      #expect(try FileSystem.readFile(path: folder.file("b/" + name)) == found)
    }
  }

  @Test func secondRunInTheSameFolderIsRefusedAndHarmsNothing() throws {
    let first = try log("a")
    try write(1...2, to: first)
    let error = #expect(throws: TrainingError.self) { try log("a") }
    let text = "\(try #require(error))"
    #expect(text.hasPrefix("metrics.jsonl: process \(getpid()) is writing this file"))
    try write(3...3, to: first)
    let lines = try FileSystem.readFile(path: folder.file("a/" + RunLog.metricsName))
      .split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 3)
  }

  @Test func figuresThatAreNotFiniteAreNull() throws {
    var bad = row(1)
    bad.report.tokensPerSecond = .infinity
    bad.report.loss = .nan
    let log = try log("a")
    try log.add(bad)
    let line = try FileSystem.readFile(path: folder.file("a/" + RunLog.metricsName))
    let found = try JSONValue(parsing: line).objectValue
    #expect(found?["tokens_per_second"] == .null && found?["loss"] == .null)
  }

  /// The interpreter to ask, where it has the package.
  private static let python: String? = {
    let path = ProcessInfo.processInfo.environment["REFLUX_PYTHON"] ?? "python3"
    return (try? run(path, ["-c", "import tensorboard"]))?.isDone == true ? path : nil
  }()

  private static func run(
    _ python: String, _ arguments: [String]
  ) throws -> (isDone: Bool, output: Data) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus == 0, output)
  }

  /// `REFLUX_PYTHON` names an interpreter with tensorboard; otherwise `python3` is tried.
  @Test(.enabled(if: python != nil, "no Python with tensorboard"))
  func tensorBoardReadsWhatWasLogged() throws {
    try write(Self.steps, to: log("a"))
    let python = try #require(Self.python)
    let script = StoredRun.folder + "/make_events.py"
    let (isDone, output) = try Self.run(python, [script, "read", folder.file("a")])
    #expect(isDone)
    let found = try #require(
      try JSONSerialization.jsonObject(with: output) as? [String: [[Double]]])
    #expect(found.count == 8)
    let losses = try #require(found["train/loss"])
    #expect(losses.map { Int($0[0]) } == Self.steps)
    #expect(losses.map { Float($0[1]) } == Self.steps.map { Float(8 / Double($0)) })
    #expect(found["held_out/ece_percent"] == [[3, 25], [6, 25], [300, 25]])
    #expect(found["speed/tokens_per_second"]?.last == [20000, 21000])
  }
}
