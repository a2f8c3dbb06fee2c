import Foundation
import LearningSupport
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxPipeline
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Training from a table that says how alike ids are.
struct SimilarityTests {
  private let setup: TrainingSetup
  private static let width = 5

  init() throws { setup = try TrainingSetup() }

  /// Rows of made-up numbers; that of id 3 is zeros.
  private static func values(scale: Double = 1) -> [Double] {
    (0..<TrainingSetup.vocabulary * width).map { place in
      place / width == 3 ? 0 : scale * sin(Double(place * place + 1))
    }
  }

  private func configuration(_ values: [Double]? = values()) throws -> TrainingConfiguration {
    var configuration = setup.configuration(.kdSim)
    configuration.objective = try ObjectiveChoice(parsing: "kd-sim:table=w.npy,tau=0.4")
    configuration.similarities = try values.map { try SimilarityTable($0, width: Self.width) }
    return configuration
  }

  @Test func rowsAreCosinesOverTau() throws {
    let values = Self.values()
    let arena = Arena()
    let rows = SimilarityRows(
      try SimilarityTable(values, width: Self.width),
      try ObjectiveChoice(parsing: "kd-sim:table=w.npy,tau=0.4"), rows: 4, arena: arena)
    let labels = [0, 3, 66]
    let logits = rows.logits(3) { labels[$0] }
    for (row, label) in labels.enumerated() {
      for id in 0..<TrainingSetup.vocabulary {
        let expected = Self.cosine(values, label, id) / 0.4
        #expect(abs(Double(logits.row(row)[id]) - expected) < 1e-6, "\(label) \(id)")
      }
    }
    withExtendedLifetime(arena) {}
  }

  private static func cosine(_ values: [Double], _ one: Int, _ other: Int) -> Double {
    func product(_ a: Int, _ b: Int) -> Double {
      (0..<width).reduce(0) { $0 + values[a * width + $1] * values[b * width + $1] }
    }
    let norms = (product(one, one) * product(other, other)).squareRoot()
    return norms == 0 ? 0 : product(one, other) / norms
  }

  /// The loss of the first step is the reference's on the student's logits.
  @Test func firstLossIsTheReference() throws {
    let trainer = try setup.trainer("grouped", configuration())
    let loss = try trainer.reports(until: 1)[0].loss
    let records = 0..<setup.run.batch * setup.run.window
    let p = try setup.probabilities("grouped", records, windows: setup.run.batch)
    var input = ReferenceInput(
      student: p.map { $0.map { log($0) } }, labels: records.map { Int(setup.data.tokens[$0 + 1]) })
    input.table = stride(from: 0, to: Self.values().count, by: Self.width).map {
      Array(Self.values()[$0..<$0 + Self.width])
    }
    let exact = try LossReference.evaluate(trainer.configuration.objective, input).loss
    #expect(abs(loss - exact) < 3e-6 * exact, "\(loss), \(exact)")
  }

  @Test func resumesToTheSameBitsOnAnyNumberOfWorkers() throws {
    let whole = try setup.trainer("plain", configuration(), workers: 1)
    let expected = try whole.reports()
    #expect(try #require(expected.last).loss < expected[0].loss)
    let path = setup.folder.file("checkpoint")
    var reports = try setup.trainer("plain", configuration(), workers: 3, checkpoint: path)
      .reports(until: 4)
    let rest = try setup.trainer("plain", configuration(), checkpoint: path)
    #expect(try rest.restoreCheckpoint())
    reports += try rest.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(rest.weights == whole.weights)
  }

  /// Only directions count: a table of another scale is the same run, other rows are another.
  @Test func theTableIsPartOfTheRun() throws {
    let path = setup.folder.file("checkpoint")
    _ = try setup.trainer("plain", configuration(), checkpoint: path).reports(until: 2)
    let scaled = try setup.trainer("plain", configuration(Self.values(scale: 4)), checkpoint: path)
    #expect(try scaled.restoreCheckpoint())
    var others = Self.values()
    others[0] += 1
    let other = try setup.trainer("plain", configuration(others), checkpoint: path)
    let error = #expect(throws: TrainingError.self) { try other.restoreCheckpoint() }
    #expect("\(try #require(error))".contains("(table of similarities "))
  }

  @Test func tablesThatDoNotFitAreRefused() throws {
    #expect(throws: ObjectiveError.noNumber(row: 1, column: 0, of: "the table")) {
      _ = try SimilarityTable([1, 2, .infinity, 3], width: 2)
    }
    func refusal(_ values: [Double]?) throws -> String {
      let configuration = try configuration(values)
      let error = #expect(throws: TrainingError.self) {
        _ = try setup.trainer("plain", configuration)
      }
      return "\(try #require(error))"
    }
    #expect(try refusal(nil) == "loss 'kd-sim' needs a table of similarities")
    #expect(
      try refusal([Double](repeating: 1, count: 2 * Self.width))
        == "the table has 2 rows, the vocabulary 67 ids; expected a row for each id")
  }

  @Test func memoryCountsTheTable() throws {
    let source = FeedSource(name: "tokens", tokens: setup.tokens)
    let student = try setup.decoder("plain", workers: Workers(count: 1)).configuration
    let parts = try Trainer.memory(
      configuration(), student: student, sources: [source], precision: .float32,
      workers: Workers(count: 1))
    let table = try #require(parts.first { $0.part == "table" })
    #expect(table.need.bytes >= 4 * TrainingSetup.vocabulary * Self.width)
  }
}
