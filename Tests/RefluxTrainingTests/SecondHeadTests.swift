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

/// Training with a head that learns from the teacher beside the one that learns from the label.
struct SecondHeadTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func configuration(_ options: String) throws -> TrainingConfiguration {
    var configuration = setup.configuration(.dhkd)
    configuration.objective = try ObjectiveChoice(parsing: "dhkd:" + options)
    return configuration
  }

  // MARK: Against torch

  /// See `References/make_dual_head.py`.
  private struct StoredHeads: Decodable {
    struct Course: Decodable {
      var losses: [Double]
      // swift-format-ignore: AlwaysUseLowerCamelCase
      var gradient_norms: [Double]
      var products: [Double]
      var changes: [String: StoredRun.Summary]
    }

    var runs: [String: [String: Course]]

    static func load() throws -> StoredHeads {
      let json = try Data(contentsOf: URL(fileURLWithPath: StoredRun.folder + "/dual_head.json"))
      return try JSONDecoder().decode(StoredHeads.self, from: json)
    }
  }

  @Test(arguments: ["grouped", "plain"], ["yes", "no"])
  func tenStepsAgree(model: String, align: String) throws {
    let course = try #require(StoredHeads.load().runs[model]?[align])
    #expect(course.products.contains { $0 < 0 } && course.products.contains { $0 > 0 })
    let trainer = try setup.trainer(model, configuration("weight=0.05,tau=2,align=\(align)"))
    let before = trainer.weights
    for (index, report) in try trainer.reports().enumerated() {
      let slack = index == 0 ? 1.0 : 10
      let (loss, norm) = (course.losses[index], course.gradient_norms[index])
      #expect(abs(report.loss - loss) < slack * 3e-6 * loss, "\(index): \(report.loss), \(loss)")
      #expect(abs(report.gradientNorm - norm) < slack * 3e-5 * norm, "step \(index)")
    }
    let after = trainer.weights
    for (name, expected) in course.changes {
      let change = zip(trainer.tensor(name, in: after), trainer.tensor(name, in: before))
        .map { $0 - $1 }
      let (norm, probe) = summary(change)
      #expect(abs(norm - expected.norm) < 1e-3 * expected.norm, "\(name)")
      #expect(abs(probe - expected.probe) < 1e-3 * expected.norm, "\(name)")
    }
  }

  @Test(arguments: [1, 67, 70_000])
  func mergesAsTheReference(count: Int) {
    let arena = Arena()
    let (first, second): (View<Float>, View<Float>) = (arena.take(count), arena.take(count))
    for sign in [1.0, -1] {
      for place in 0..<count {
        first[place] = Float(sin(Double(place) + 1))
        second[place] = Float(sign * sin(Double(place) + 1) + 2 * cos(Double(3 * place)))
      }
      func numbers(_ values: View<Float>) -> [Double] { (0..<count).map { Double(values[$0]) } }
      let exact = LossReference.aligned(label: numbers(first), distillation: numbers(second))
      GradientAlignment(count: count, arena).merge(first, into: second, Workers(count: 2))
      for place in 0..<count {
        #expect(abs(Double(second[place]) - exact[place]) < 1e-6, "\(place)")
      }
    }
    withExtendedLifetime(arena) {}
  }

  // MARK: Runs

  @Test(arguments: ["yes", "no"])
  func resumesToTheSameBitsOnAnyNumberOfWorkers(align: String) throws {
    var configuration = try configuration("weight=0.05,align=\(align)")
    configuration.accumulation = 2
    configuration.feed.order = .shuffled
    let whole = try setup.trainer("plain", configuration, workers: 1)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    var reports = try setup.trainer("plain", configuration, workers: 3, checkpoint: path)
      .reports(until: 4)
    configuration.recomputes = true
    let rest = try setup.trainer("plain", configuration, checkpoint: path)
    #expect(try rest.restoreCheckpoint())
    reports += try rest.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(reports.map(\.gradientNorm) == expected.map(\.gradientNorm))
    #expect(rest.weights == whole.weights)
  }

  /// Gradients are merged once for a step, however many batches it has.
  @Test(arguments: ["yes", "no"])
  func accumulationDoesNotShow(align: String) throws {
    let whole = try setup.trainer("grouped", configuration("weight=0.05,align=\(align)"))
    var parted = try configuration("weight=0.05,align=\(align)")
    (parted.feed.batch, parted.accumulation) = (1, setup.run.batch)
    let parts = try setup.trainer("grouped", parted)
    for (a, b) in zip(try whole.reports(), try parts.reports()) {
      #expect(abs(a.loss - b.loss) < 1e-5 * a.loss)
      #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-4 * a.gradientNorm)
    }
  }

  /// Without a weight the model is that of cross-entropy.
  @Test(arguments: ["yes", "no"])
  func withoutAWeightItIsCrossEntropy(align: String) throws {
    let plain = try setup.trainer("grouped", setup.configuration(.ce))
    let dual = try setup.trainer("grouped", configuration("weight=0,align=\(align)"))
    let (expected, found) = (try plain.reports(), try dual.reports())
    #expect(found.map(\.loss) == expected.map(\.loss))
    #expect(plain.weights == dual.weights)
  }

  @Test func memoryCountsTheHead() throws {
    let source = FeedSource(name: "tokens", tokens: setup.tokens)
    let student = try setup.decoder("plain", workers: Workers(count: 1)).configuration
    func parts(_ configuration: TrainingConfiguration) throws -> [String: Int] {
      let parts = try Trainer.memory(
        configuration, student: student, sources: [source], teacher: student, precision: .float32,
        workers: Workers(count: 1))
      return Dictionary(uniqueKeysWithValues: parts.map { ($0.part, $0.need.bytes) })
    }
    let (one, two) = (try parts(setup.configuration(.fullkd)), try parts(configuration("align=no")))
    let aligned = try parts(configuration("align=yes"))
    let head = 4 * student.vocabularySize * student.hiddenSize
    #expect(one["second head"] == nil)
    #expect(try #require(two["second head"]) >= 4 * head)
    #expect(try #require(two["checkpoint"]) >= #require(one["checkpoint"]) + 3 * head)
    #expect(try #require(aligned["batch"]) >= #require(two["batch"]) + 4 * student.parameterCount)
  }

  // MARK: Refusals

  @Test func theLabelHasItsOwnHead() throws {
    var configuration = try configuration("align=no")
    configuration.loss.labelSmoothing = 0.1
    try configuration.validate(shares: [nil, 1])
    let text =
      "the loss 'dhkd' contains the label; leave 'alpha' at 1, its 'weight' is the teacher's share"
    configuration.loss.distillation = 0.5
    let error = #expect(throws: TrainingError.self) { try configuration.validate() }
    #expect("\(try #require(error))" == text)
    configuration.loss.distillation = 1
    #expect(throws: TrainingError.self) { try configuration.validate(shares: [0.5]) }
  }

  @Test func runsWithOneHeadAndWithTwoDoNotStartEachOther() throws {
    let (one, two) = (setup.folder.file("one"), setup.folder.file("two"))
    _ = try setup.trainer("plain", setup.configuration(.ce), checkpoint: one).reports(until: 1)
    _ = try setup.trainer("plain", configuration("weight=1"), checkpoint: two).reports(until: 1)
    func refusal(_ configuration: TrainingConfiguration, _ path: String) throws -> String {
      let trainer = try setup.trainer("plain", configuration)
      let error = #expect(throws: TrainingError.self) { try trainer.start(fromCheckpoint: path) }
      return "\(try #require(error))"
    }
    #expect(
      try refusal(setup.configuration(.ce), two).hasPrefix(
        "cannot be started from: it has a second head, the run none;"))
    #expect(
      try refusal(configuration("weight=1"), one).hasPrefix(
        "cannot be started from: it has no second head, the run one;"))
    let next = try setup.trainer("plain", configuration("weight=2"))
    try next.start(fromCheckpoint: two)
  }
}
