import Foundation
import LearningSupport
import RefluxEvaluation
import RefluxKernels
import RefluxModel
import RefluxSampling
import RefluxStorage
import TestSupport
import Testing

/// Figures against the stored runs and against sums written out in float64.
struct EvaluationTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func top(_ masses: [Double]) -> Int? { masses.firstIndex(of: masses.max() ?? 0) }

  private func evaluate(
    _ model: String, window: Int = 12, batch: Int = 16, workers count: Int = 2,
    teacher: Bool = false, samples: SampleStore? = nil, limit: Int = .max
  ) throws -> EvaluationReport {
    let workers = Workers(count: count)
    let evaluator = try Evaluator(
      setup.decoder(model, workers: workers), window: window, batch: batch,
      teacher: teacher ? setup.decoder("teacher", workers: workers) : nil)
    return try evaluator.run(setup.tokens, samples: samples, limit: limit)
  }

  /// The first step's losses are figures of the untrained student on the first 36 positions.
  @Test(arguments: ["grouped", "plain"])
  func figuresOfTheFirstStepAreTheStoredLosses(model: String) throws {
    let runs = try #require(setup.run.runs[model])
    let (drawn, top) = (try setup.drawn(), try setup.top())
    let report = try evaluate(model, samples: drawn, limit: 36)
    #expect(report.tokens == 36)
    let loss = try #require(runs["ce"]?.losses[0])
    #expect(abs(report.lmLoss - loss) < 1e-5 * loss)
    #expect(abs(report.perplexity - exp(report.lmLoss)) < 1e-9 * report.perplexity)
    let kl = try #require(runs["rskd"]?.losses[0])
    #expect(abs(try #require(report.sampleKL) - kl) < 1e-5 * kl)
    let topKL = try #require(runs["topk"]?.losses[0])
    let other = try evaluate(model, samples: top, limit: 36)
    #expect(abs(try #require(other.sampleKL) - topKL) < 1e-5 * topKL)
  }

  @Test(arguments: [(12, 16), (12, 7), (5, 3), (12, 100)])
  func figuresAgreeWithSumsWrittenOut(window: Int, batch: Int) throws {
    let report = try evaluate("grouped", window: window, batch: batch, teacher: true)
    let windows = 360 / window
    let student = try setup.probabilities("grouped", 0..<windows * window, windows: windows)
    let teacher = try setup.probabilities("teacher", 0..<windows * window, windows: windows)
    let labels = setup.data.tokens[1...(windows * window)].map { Int($0) }
    let rows = Double(labels.count)

    #expect(report.tokens == labels.count)
    let loss = zip(student, labels).reduce(0) { $0 - log($1.0[$1.1]) } / rows
    #expect(abs(report.lmLoss - loss) < 1e-5)
    let overlap = zip(student, teacher).reduce(0) { sum, pair in
      sum + zip(pair.0, pair.1).reduce(0) { $0 + min($1.0, $1.1) }
    }
    #expect(abs(try #require(report.acceptancePercent) - 100 * overlap / rows) < 1e-3)
    let agreed = zip(student, teacher).count { top($0) == top($1) }
    let agreement = try #require(report.topOneAgreementPercent)
    #expect(abs(agreement - 100 * Double(agreed) / rows) < 1e-9)
    var gaps = [Double](repeating: 0, count: report.calibration.bins.count)
    var correct = 0
    for (p, label) in zip(student, labels) {
      let confidence = p.max() ?? 0
      let hit = p.firstIndex(of: confidence) == label
      gaps[min(Int(confidence * Double(gaps.count)), gaps.count - 1)] += (hit ? 1 : 0) - confidence
      correct += hit ? 1 : 0
    }
    let error = gaps.reduce(0) { $0 + abs($1) }
    #expect(abs(report.ecePercent - 100 * error / rows) < 1e-3)
    #expect(abs(report.calibration.accuracyPercent - 100 * Double(correct) / rows) < 1e-9)
  }

  @Test func anyNumberOfWorkersGivesTheSameFigures() throws {
    let drawn = try setup.drawn()
    let reports = try [1, 2, 3].map {
      try evaluate("plain", workers: $0, teacher: true, samples: drawn)
    }
    for report in reports.dropFirst() {
      #expect(report.lmLoss == reports[0].lmLoss)
      #expect(report.calibration == reports[0].calibration)
      #expect(report.acceptancePercent == reports[0].acceptancePercent)
      #expect(report.sampleKL == reports[0].sampleKL)
      #expect(report.sampleAcceptance == reports[0].sampleAcceptance)
    }
  }

  @Test func modelAcceptsItself() throws {
    let report = try evaluate("teacher", teacher: true)
    #expect(abs(try #require(report.acceptancePercent) - 100) < 1e-3)
    #expect(report.sampleKL == nil && report.sampleAcceptance == nil)
    #expect(report.topOneAgreementPercent == 100)
    #expect(try evaluate("teacher").acceptancePercent == nil)
  }

  @Test func storesThatDoNotFitAreRefused() throws {
    let other = try TrainingSetup.tokenStore(
      setup.data.tokens, vocabulary: TrainingSetup.otherVocabulary,
      at: setup.folder.file("other.rfx"))
    let short = try TrainingSetup.tokenStore(
      Array(setup.data.tokens[..<1]), at: setup.folder.file("short.rfx"))
    let decoder = try setup.decoder("grouped", workers: Workers(count: 1))
    let evaluator = try Evaluator(decoder, window: 12)
    let error = #expect(throws: EvaluationError.self) { try evaluator.run(other) }
    #expect("\(try #require(error))".contains("\(TrainingSetup.otherVocabulary)"))
    let second = #expect(throws: EvaluationError.self) { try evaluator.run(short) }
    #expect("\(try #require(second))".contains("2"))
    var provenance = setup.provenance("multinomial")
    provenance.tokensHash ^= 1
    let foreign = try setup.drawn("foreign.rfx", provenance: provenance)
    #expect(throws: (any Error).self) { try evaluator.run(setup.tokens, samples: foreign) }
    let drawn = try setup.drawn()
    let shorter = try Evaluator(decoder, window: 6)
    #expect(throws: EvaluationError.self) { try shorter.run(setup.tokens, samples: drawn) }
  }

  /// In one bin the error is that of the means.
  @Test func calibrationHasAsManyBinsAsAsked() throws {
    let decoder = try setup.decoder("grouped", workers: Workers(count: 2))
    let report = try Evaluator(decoder, window: 12, bins: 1).run(setup.tokens)
    let bins = report.calibration.bins
    #expect(bins.count == 1 && bins[0].count == report.tokens)
    let confidence = bins[0].confidence / Double(bins[0].count)
    let accuracy = report.calibration.accuracyPercent / 100
    #expect(abs(report.ecePercent - 100 * abs(confidence - accuracy)) < 1e-9)
    let usual = try Evaluator(decoder, window: 12).run(setup.tokens)
    #expect(usual.lmLoss == report.lmLoss && usual.ecePercent >= report.ecePercent - 1e-9)
    for bins in [0, 1001] {
      #expect(throws: EvaluationError.self) { try Evaluator(decoder, window: 12, bins: bins) }
    }
  }

  /// The last tokens, too few for a window, are one: all 360 labels are looked at.
  @Test(arguments: [7, 11])
  func theTailIsAShorterWindow(window: Int) throws {
    let report = try evaluate("grouped", window: window, batch: 4, teacher: true)
    #expect(report.tokens == 360)
    var rows: [[Double]] = []
    for start in stride(from: 0, to: 360, by: window) {
      rows += try setup.probabilities("grouped", start..<min(start + window, 360))
    }
    let loss = rows.enumerated().reduce(0) { $0 - log($1.1[Int(setup.data.tokens[$1.0 + 1])]) }
    #expect(abs(report.lmLoss - loss / 360) < 1e-5)
    #expect(try evaluate("grouped", window: window, limit: 360).tokens == 360)
  }

  /// A limit within a window cuts that window there: exactly so many labels, each in its context.
  @Test(arguments: [1, 6, 7, 30, 359])
  func aLimitCutsTheLastWindow(limit: Int) throws {
    let report = try evaluate("grouped", window: 7, batch: 4, limit: limit)
    #expect(report.tokens == limit)
    var rows: [[Double]] = []
    for start in stride(from: 0, to: limit, by: 7) {
      rows += try setup.probabilities("grouped", start..<min(start + 7, limit))
    }
    let loss = rows.enumerated().reduce(0) { $0 - log($1.1[Int(setup.data.tokens[$1.0 + 1])]) }
    #expect(abs(report.lmLoss - loss / Double(limit)) < 1e-5)
  }

  @Test func theTeachersOwnLossIsThatOfTheTeacher() throws {
    let report = try evaluate("grouped", teacher: true)
    let own = try evaluate("teacher")
    #expect(abs(try #require(report.teacherLoss) - own.lmLoss) < 1e-6)
    #expect(own.teacherLoss == nil)
  }

  @Test func impossibleSizesAreRefused() throws {
    for (window, batch) in [(0, 1), (13, 1), (12, 0), (-1, 1)] {
      #expect(throws: EvaluationError.self) {
        try evaluate("grouped", window: window, batch: batch)
      }
    }
  }

  /// Ids that the model does not have would be read beyond its logits.
  @Test func samplesOfALargerVocabularyAreRefused() throws {
    let samples = try setup.larger()
    let error = #expect(throws: EvaluationError.self) {
      try evaluate("grouped", samples: samples)
    }
    let text = "\(try #require(error))"
    #expect(text.contains("5000") && text.contains("67"))
  }

  // MARK: Calibration

  @Test func calibrationErrorByHand() {
    var calibration = Calibration(binCount: 10)
    #expect(calibration.errorPercent == 0)
    calibration.add(confidence: 0.95, correct: true)
    calibration.add(confidence: 0.95, correct: false)
    calibration.add(confidence: 0.25, correct: true)
    calibration.add(confidence: 1, correct: true)
    // Bin 9: two of three correct at 2.9 of confidence; bin 2: one of one at 0.25.
    #expect(abs(calibration.errorPercent - 100 * (0.9 + 0.75) / 4) < 1e-9)
    #expect(calibration.accuracyPercent == 75)
    var twice = calibration
    twice.add(calibration)
    #expect(abs(twice.errorPercent - calibration.errorPercent) < 1e-9)
    #expect(twice.bins[9].count == 6)
  }
}
