import Foundation
import LearningSupport
import RefluxModel
import RefluxPipeline
import RefluxSampling
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

@testable import RefluxCapture
@testable import RefluxEvaluation
@testable import RefluxTraining

/// Evaluation, gradients and capture against training, on every way to cut a store.
struct PackedEvaluationTests {
  let setup: TrainingSetup
  let tokens: TokenStore

  /// The stored stream with documents of 1, 2, ... 30 tokens, over and over; windows hold 12.
  init() throws {
    setup = try TrainingSetup()
    let path = setup.folder.file("documents.rfx")
    let writer = try TokenStoreWriter(
      path: path,
      configuration: TokenStoreConfiguration(vocabularySize: TrainingSetup.vocabulary))
    var (rest, size) = (setup.data.tokens[...], 1)
    while !rest.isEmpty {
      let document = Array(rest.prefix(size))
      try writer.append(document: document.span)
      rest = rest.dropFirst(size)
      size = size % 30 + 1
    }
    _ = try writer.seal()
    tokens = try TokenStore(path: path)
  }

  private func samples(
    _ packing: Packing, _ estimator: Estimator = .multinomial
  ) throws -> SampleStore {
    let path = setup.folder.file("\(packing.rawValue)-\(estimator.rawValue).rfx")
    var configuration = CaptureConfiguration(
      sampler: SamplerConfiguration(estimator: estimator, rounds: 20, seed: 5),
      context: setup.run.window, batch: 7, teacher: "teacher")
    configuration.packing = packing
    let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
    _ = try Capture(configuration, teacher: teacher, tokens: tokens).run(to: path) { _, _ in true }
    return try SampleStore(path: path)
  }

  private func evaluator(
    _ packing: Packing, _ model: String = "grouped", workers count: Int = 2
  ) throws -> Evaluator {
    let workers = Workers(count: count)
    return try Evaluator(
      setup.decoder(model, workers: workers), window: setup.run.window, packing: packing, batch: 4,
      teacher: setup.decoder("teacher", workers: workers))
  }

  // MARK: Against texts read one by one

  /// What the text of each position is: the runs of records that are read from their start on.
  private func texts(_ packing: Packing) throws -> [Range<Int>] {
    let (count, window) = (tokens.count, setup.run.window)
    let starts = try tokens.documentStarts()
    let grid = Set(stride(from: 0, to: count, by: window))
    var cuts: Set<Int> = []
    switch packing {
    case .windows: cuts = grid
    case .documents: cuts = grid.union(starts)
    case .bestFit:
      for (start, end) in zip(starts, starts.dropFirst() + [count]) {
        cuts.formUnion(stride(from: start, to: end, by: window))
      }
    }
    let bounds = cuts.sorted() + [count]
    return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
  }

  @Test(arguments: Packing.allCases)
  func figuresAreThoseOfTextsReadOneByOne(packing: Packing) throws {
    let samples = try samples(packing)
    let report = try evaluator(packing).run(tokens, samples: samples)
    let starts = Set(try tokens.documentStarts())
    let reader = samples.makeReader()
    var (count, loss, teacherLoss, overlap, kl) = (0, 0.0, 0.0, 0.0, 0.0)
    for text in try texts(packing) {
      let student = try setup.probabilities("grouped", text)
      let teacher = try setup.probabilities("teacher", text)
      for (record, (p, t)) in zip(text, zip(student, teacher)) {
        let next = record + 1
        if next == tokens.count || packing != .windows && starts.contains(next) { continue }
        let label = Int(setup.data.tokens[next])
        count += 1
        loss -= log(p[label])
        teacherLoss -= log(t[label])
        overlap += zip(p, t).reduce(0) { $0 + min($1.0, $1.1) }
        let set = try reader.record(record)
        for (id, count) in zip(set.ids, set.counts) {
          let share = Double(count) / Double(set.rounds)
          kl += share * (log(share) - log(p[Int(id)]))
        }
      }
    }
    let rows = Double(count)
    #expect(report.tokens == count)
    #expect(abs(report.lmLoss - loss / rows) < 1e-5)
    #expect(abs(try #require(report.teacherLoss) - teacherLoss / rows) < 1e-5)
    #expect(abs(try #require(report.acceptancePercent) - 100 * overlap / rows) < 1e-3)
    #expect(abs(try #require(report.sampleKL) - kl / rows) < 1e-5)
  }

  // MARK: Against training

  /// One step over all whole windows in order.
  private func step(
    _ objective: ObjectiveName, _ packing: Packing, _ samples: SampleStore? = nil
  ) throws -> (loss: Double, gradient: [Double]) {
    var configuration = setup.configuration(objective)
    configuration.feed.packing = packing
    let reader = try WindowReader(
      FeedSource(name: "tokens", tokens: tokens), configuration: configuration.feed,
      hasTail: false)
    configuration.feed.batch = reader.count
    (configuration.steps, configuration.warmupSteps) = (2, 0)
    let workers = Workers(count: 2)
    let trainer = try Trainer(
      configuration, decoder: setup.decoder("grouped", workers: workers), tokens: tokens,
      samples: samples,
      teacher: objective == .fullkd ? setup.decoder("teacher", workers: workers) : nil)
    let reports = try trainer.reports(until: 1)
    return (reports[0].loss, trainer.gradientValues.map(Double.init))
  }

  /// 361 tokens are 30 windows of 12 without a tail: training sees all that evaluation does.
  @Test(arguments: Packing.allCases)
  func figuresAreTheLossesOfTraining(packing: Packing) throws {
    for estimator in [Estimator.multinomial, .topk] {
      let samples = try samples(packing, estimator)
      let report = try evaluator(packing).run(tokens, samples: samples)
      let cross = try step(.ce, packing).loss
      #expect(abs(report.lmLoss - cross) < 1e-5 * cross)
      let kl = try step(estimator == .topk ? .topk : .rskd, packing, samples).loss
      #expect(abs(try #require(report.sampleKL) - kl) < 1e-5 * abs(kl))
    }
  }

  /// A run's evaluation cuts as the run does.
  @Test(arguments: Packing.allCases)
  func heldOutWindowsAreCutAsTheTrainings(packing: Packing) throws {
    var feed = FeedConfiguration(batch: 4, window: setup.run.window)
    feed.packing = packing
    let decoder = try setup.decoder("grouped", workers: Workers(count: 2))
    let heldOut = try HeldOut(decoder, tokens: tokens, feed: feed, interval: 1)
    let (found, expected) = (try heldOut.evaluate(), try evaluator(packing).run(tokens))
    #expect(found.lmLoss == expected.lmLoss && found.tokens == expected.tokens)
    #expect(found.calibration == expected.calibration)
  }

  @Test(arguments: Packing.allCases)
  func gradientsAreThoseOfTraining(packing: Packing) throws {
    let (samples, workers) = (try samples(packing), Workers(count: 2))
    var feed = FeedConfiguration(batch: 1, window: setup.run.window)
    feed.packing = packing
    let windows = try WindowReader(
      FeedSource(name: "tokens", tokens: tokens), configuration: feed, hasTail: false
    ).count
    let comparison = try GradientComparison(
      setup.decoder("grouped", workers: workers),
      teacher: setup.decoder("teacher", workers: workers),
      window: setup.run.window, packing: packing, sizes: [windows],
      drawn: [SamplerConfiguration(estimator: .multinomial, rounds: 20, seed: 5)])
    let angles = try comparison.run(tokens, samples: samples, batches: 1)
    let sparse = try step(.rskd, packing, samples).gradient
    let full = try step(.fullkd, packing).gradient
    let product = zip(sparse, full).reduce(0) { $0 + $1.0 * $1.1 }
    let norms = [sparse, full].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let angle = acos(product / norms[0] / norms[1]) * 180 / .pi
    #expect(angles.count == 2 && angle > 1)
    // Sets that are drawn on the way are those of the store.
    for found in angles {
      #expect(abs(found.angleDegrees - angle) < 0.01, "\(found.target)")
      #expect(abs(found.normRatio - norms[0] / norms[1]) < 1e-4, "\(found.target)")
    }
  }

  // MARK: Against the capture

  /// The text before each position is the same for teacher and student.
  @Test(arguments: Packing.allCases, [1, 5, 12])
  func captureAndTrainingReadTheSameTexts(packing: Packing, window: Int) throws {
    var feed = FeedConfiguration(batch: 1, window: window)
    feed.packing = packing
    let reader = try WindowReader(
      FeedSource(name: "tokens", tokens: tokens), configuration: feed, hasTail: true)
    var found: [Int: Int] = [:]
    for number in 0..<reader.count {
      let records = reader.records(of: number)
      try reader.withBatch(of: number..<number + 1) { batch in
        for (place, record) in records.enumerated() {
          let before = batch.positions.isEmpty ? place : Int(batch.positions[place])
          found[record] = before
        }
      }
    }
    // The last token has no label, and only documents that are kept whole hold it.
    #expect(found.count == tokens.count - (packing == .bestFit ? 0 : 1))
    let windows = try CaptureWindows(tokens, length: window, batch: 3, packing: packing)
    let runs = RunReader(
      tokens, window: window, runs: 1, marksDocuments: packing.marksDocuments)
    for number in 0..<windows.count {
      let records = windows.start(number)..<windows.start(number + 1)
      try runs.withBatch(of: [records]) { batch in
        for (place, record) in records.enumerated() {
          let before = batch.positions.isEmpty ? place : Int(batch.positions[place])
          #expect(found[record] ?? before == before, "record \(record)")
          #expect(batch.tokens[place] == setup.data.tokens[record])
        }
      }
    }
  }

  @Test func documentsOfOneTokenHaveNoLabels() throws {
    let writer = try TokenStoreWriter(
      path: setup.folder.file("ones.rfx"),
      configuration: TokenStoreConfiguration(vocabularySize: TrainingSetup.vocabulary))
    let one: [UInt32] = [1]
    for _ in 0..<20 { try writer.append(document: one.span) }
    _ = try writer.seal()
    let ones = try TokenStore(path: setup.folder.file("ones.rfx"))
    let error = #expect(throws: EvaluationError.self) { try evaluator(.documents).run(ones) }
    #expect("\(try #require(error))".hasPrefix("no token has a label"))
  }
}
