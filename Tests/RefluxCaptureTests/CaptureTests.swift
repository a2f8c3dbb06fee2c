import Foundation
import LearningSupport
import RefluxCapture
import RefluxFiles
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import RefluxSampling
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

struct CaptureTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func capture(
    _ sampler: SamplerConfiguration, of tokens: TokenStore? = nil, to name: String,
    workers: Int = 2, stopAfter limit: Int = .max
  ) throws -> CaptureReport {
    let tokens = tokens ?? setup.tokens
    let configuration = CaptureConfiguration(
      sampler: sampler, context: setup.run.window, batch: 7, teacher: "teacher")
    let teacher = try setup.decoder("teacher", workers: Workers(count: workers))
    let capture = try Capture(configuration, teacher: teacher, tokens: tokens)
    return try capture.run(to: setup.folder.file(name)) { done, total in
      #expect(total == tokens.count && done <= total)
      return done < limit
    }
  }

  private func records(_ name: String) throws -> [SampleRecord] {
    let store = try SampleStore(path: setup.folder.file(name))
    let reader = store.makeReader()
    return try (0..<store.count).map { try reader.record($0) }
  }

  private func sampler(_ estimator: Estimator, _ rounds: Int = 50) -> SamplerConfiguration {
    SamplerConfiguration(estimator: estimator, rounds: rounds, tau: 1, seed: 5)
  }

  /// Top-K has no luck in it: the sets are those of the independent teacher, the last position,
  /// which stands alone in its window, included.
  @Test func topSetsAreTheStoredOnes() throws {
    let report = try capture(sampler(.topk, setup.run.top), to: "top.rfx")
    #expect(report.finished && report.records == 361 && report.resumedRecords == 0)
    #expect(report.uniqueIDsPerRecord == Double(setup.run.top))
    let found = try records("top.rfx")
    #expect(found.count == 361)
    for (record, expected) in zip(found, setup.data.top) {
      let order = record.ids.indices.sorted { record.ids[$0] < record.ids[$1] }
      #expect(order.map { record.ids[$0] } == expected.ids, "record \(record.record)")
      for (index, weight) in zip(order, expected.weights) {
        #expect(abs(record.weights[index] - weight) < 1e-5)
      }
    }
  }

  /// The mean of many sets nears the teacher's distribution: the kept ids' mass is that of top-K.
  @Test(arguments: [Estimator.multinomial, .systematic])
  func drawsFollowTheTeacher(estimator: Estimator) throws {
    _ = try capture(sampler(estimator, 400), to: "drawn.rfx")
    var (found, expected) = (0.0, 0.0)
    for (record, top) in zip(try records("drawn.rfx"), setup.data.top) {
      #expect(record.counts.reduce(0, +) == 400)
      for (id, count) in zip(record.ids, record.counts) where top.ids.contains(id) {
        found += Double(count) / 400
      }
      expected += top.weights.reduce(0) { $0 + Double($1) }
    }
    // 361 records of 400 draws: the mean's deviation is below 0.5 / sqrt(144,400) = 0.0013.
    #expect(abs(found - expected) / 361 < 0.006)
  }

  @Test func storeTellsWhereItComesFrom() throws {
    _ = try capture(sampler(.systematic), to: "drawn.rfx")
    let store = try SampleStore(path: setup.folder.file("drawn.rfx"))
    #expect(throws: Never.self) { try store.check(against: setup.tokens) }
    #expect(store.provenance.estimator == "systematic" && store.provenance.rounds == 50)
    #expect(store.provenance.contextLength == 12)
    // The name and the hash of sizes, weights and product format.
    #expect(store.provenance.teacher == "teacher")
    #expect(store.provenance.teacherHash != 0)
    #expect(store.provenance.packing == "windows")
    #expect(store.provenance.seed == 5 && store.provenance.tau == 1)
  }

  @Test(arguments: Estimator.allCases)
  func setsDoNotDependOnWorkers(estimator: Estimator) throws {
    for workers in 1...3 {
      _ = try capture(sampler(estimator), to: "\(workers).rfx", workers: workers)
    }
    let first = try records("1.rfx")
    #expect(first.count == 361)
    #expect(try records("2.rfx") == first)
    #expect(try records("3.rfx") == first)
  }

  /// Stopped at several places, in the middle of blocks and batches, it writes what a capture that
  /// never stopped writes.
  @Test(arguments: Estimator.allCases)
  func interruptedCaptureGoesOn(estimator: Estimator) throws {
    let stream = Array(repeating: setup.data.tokens, count: 9).flatMap { $0 }.dropLast(2)
    let tokens = try TrainingSetup.tokenStore(
      Array(stream), at: setup.folder.file("long.rfx"))
    let total = tokens.count
    #expect(total % 12 != 0)
    _ = try capture(sampler(estimator), of: tokens, to: "whole.rfx")
    let whole = try records("whole.rfx")
    #expect(whole.count == total)
    for (index, stop) in [1000, 1500, 2100, 3100].enumerated() {
      let report = try capture(
        sampler(estimator), of: tokens, to: "parts.rfx", workers: 1 + index % 3, stopAfter: stop)
      #expect(!report.finished && report.records < total && report.bytesPerRecord == nil)
      #expect((report.resumedRecords > 0) == (index > 0))
      #expect(!FileSystem.exists(path: setup.folder.file("parts.rfx")))
    }
    let report = try capture(sampler(estimator), of: tokens, to: "parts.rfx")
    #expect(report.finished && report.records == total && report.resumedRecords > 1500)
    #expect(try records("parts.rfx") == whole)
  }

  /// Shards that are captured apart, in any order, are together what one capture writes; each
  /// block knows the sum of its tokens.
  @Test func shardsMakeTheWhole() throws {
    _ = try capture(sampler(.multinomial), to: "whole.rfx")
    let folder = setup.folder.file("shards")
    try FileSystem.createDirectory(path: folder)
    for (name, range) in [("c", 240..<361), ("a", 0..<101), ("b", 101..<240)] {
      var configuration = CaptureConfiguration(
        sampler: sampler(.multinomial), context: setup.run.window, batch: 7, teacher: "teacher")
      configuration.range = range
      let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
      let capture = try Capture(configuration, teacher: teacher, tokens: setup.tokens)
      let report = try capture.run(to: "\(folder)/\(name).rfx")
      #expect(report.finished && report.records == range.count)
      let shard = try SampleStore(path: "\(folder)/\(name).rfx")
      #expect(shard.firstPosition == range.lowerBound)
      #expect(throws: Never.self) { try shard.check(against: setup.tokens) }
    }
    _ = try StoreManifest.write(folder: folder, names: ["b.rfx", "c.rfx", "a.rfx"])
    #expect(try records("shards") == records("whole.rfx"))
    let whole = try SampleStore(path: setup.folder.file("whole.rfx"))
    #expect(try SampleStore(path: folder).fingerprint == whole.fingerprint)
    let verification = try StoreVerification.verify(path: folder, against: setup.tokens, jobs: 2)
    #expect(verification.isValid && verification.records == 361)
  }

  /// The numbers beside the sets, from the independent teacher's whole distribution as far as its
  /// top-K probabilities show it.
  @Test func optionalFieldsDescribeTheDistribution() throws {
    var configuration = CaptureConfiguration(
      sampler: sampler(.topk, setup.run.top), context: setup.run.window, batch: 7,
      teacher: "teacher")
    configuration.extras = TargetScalar.allCases
    let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
    let path = setup.folder.file("extras.rfx")
    _ = try Capture(configuration, teacher: teacher, tokens: setup.tokens).run(to: path)
    let reader = try SampleStore(path: path).makeReader()
    for (number, top) in setup.data.top.enumerated() {
      let extras = try reader.record(number).extras
      let mass = top.weights.reduce(0, +)
      #expect(abs(try #require(extras[.mass]) - mass) < 1e-4)
      #expect(try #require(extras[.logsum]).isFinite)
      // The entropy is that of the kept ids and at most what the rest could add.
      let kept = top.weights.reduce(Float(0)) { $0 - $1 * log($1) }
      let rest = max(1 - mass, 1e-6)
      let most = kept - rest * log(rest / Float(TrainingSetup.vocabulary))
      let entropy = try #require(extras[.entropy])
      #expect(entropy >= kept - 1e-3 && entropy <= most + 1e-3)
      let isLast = number + 1 == setup.data.tokens.count
      let next = isLast ? nil : setup.data.tokens[number + 1]
      if let place = next.flatMap({ top.ids.firstIndex(of: $0) }) {
        #expect(abs(try #require(extras[.label]) - top.weights[place]) < 1e-5)
      }
      if isLast { #expect(extras[.label] == 0) }
    }
  }

  /// Tempered counts, a temperature and the exponent of `power` are in the header; another of them
  /// does not continue the store.
  @Test func targetsAreInTheHeader() throws {
    var configuration = CaptureConfiguration(
      sampler: SamplerConfiguration(rounds: 20, tau: 0.5, seed: 5), context: setup.run.window,
      batch: 7, teacher: "teacher")
    (configuration.sampler.isUncorrected, configuration.sampler.temperature) = (true, 2)
    (configuration.extras, configuration.gamma) = ([.power, .label], 0.25)
    let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
    let path = setup.folder.file("tempered.rfx")
    _ = try Capture(configuration, teacher: teacher, tokens: setup.tokens).run(to: path)
    let store = try SampleStore(path: path)
    #expect(
      store.facts
        == SetFacts(
          kind: .sampled, estimator: .multinomial, tau: 0.5, isCorrected: false, temperature: 2,
          gamma: 0.25, scalars: [.label, .power]))
    #expect(!store.isWeighted)
    let most = pow(Float(TrainingSetup.vocabulary), 0.75)
    for record in try records("tempered.rfx") {
      #expect(record.counts.reduce(0, +) == 20)
      let power = try #require(record.extras[.power])
      #expect(power >= 1 && power <= most * 1.0001)
    }
    configuration.gamma = 0.5
    let other = try Capture(configuration, teacher: teacher, tokens: setup.tokens)
    #expect(
      throws: StoreError.differentStore("gamma", expected: "0.5", found: "0.25")
    ) { try other.finished(at: path) }
  }

  @Test(arguments: [0, -1, Double.nan, 9]) func exponentsOfNothingAreRefused(gamma: Double) throws {
    var configuration = CaptureConfiguration(
      sampler: sampler(.multinomial), context: setup.run.window, teacher: "teacher")
    (configuration.extras, configuration.gamma) = ([.power], gamma)
    let teacher = try setup.decoder("teacher", workers: Workers(count: 1))
    let error = #expect(throws: CaptureError.self) {
      try Capture(configuration, teacher: teacher, tokens: setup.tokens)
    }
    #expect("\(try #require(error))".hasPrefix("gamma is \(gamma)"))
  }

  @Test func partialFileOfOtherSettingsIsNotContinued() throws {
    _ = try capture(sampler(.multinomial), to: "parts.rfx", stopAfter: 100)
    #expect(throws: (any Error).self) {
      try capture(sampler(.multinomial, 51), to: "parts.rfx")
    }
  }

  @Test func teacherOfAnotherVocabularyIsRefused() throws {
    let tokens = try TrainingSetup.tokenStore(
      setup.data.tokens, vocabulary: TrainingSetup.otherVocabulary,
      at: setup.folder.file("other.rfx"))
    let teacher = try setup.decoder("teacher", workers: Workers(count: 1))
    let configuration = CaptureConfiguration(
      sampler: sampler(.multinomial), context: 12, teacher: "teacher")
    #expect(throws: CaptureError.self) {
      _ = try Capture(configuration, teacher: teacher, tokens: tokens)
    }
  }

  @Test func impossibleSizesAreRefused() throws {
    let teacher = try setup.decoder("teacher", workers: Workers(count: 1))
    for (context, batch) in [(0, 1), (13, 1), (12, 0)] {
      let configuration = CaptureConfiguration(
        sampler: sampler(.multinomial), context: context, batch: batch, teacher: "teacher")
      #expect(throws: CaptureError.self) {
        _ = try Capture(configuration, teacher: teacher, tokens: setup.tokens)
      }
    }
  }

  @Test func teacherThatIsNotFiniteIsNamedByPosition() throws {
    let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
    teacher.weights[teacher.table.finalNorm.gain.offset] = .nan
    let configuration = CaptureConfiguration(
      sampler: sampler(.multinomial), context: 12, teacher: "teacher")
    let capture = try Capture(configuration, teacher: teacher, tokens: setup.tokens)
    let error = #expect(throws: CaptureError.self) {
      try capture.run(to: setup.folder.file("bad.rfx"))
    }
    #expect("\(try #require(error))".contains("position 0"))
    #expect(!FileSystem.exists(path: setup.folder.file("bad.rfx")))
  }

  /// The whole way: what is captured trains a student, and better than chance.
  @Test func capturedSetsTrain() throws {
    _ = try capture(sampler(.systematic), to: "drawn.rfx")
    let samples = try SampleStore(path: setup.folder.file("drawn.rfx"))
    var configuration = setup.configuration(.rskd)
    configuration.steps = 60
    let trainer = try Trainer(
      configuration, decoder: setup.decoder("grouped", workers: Workers(count: 2)),
      tokens: setup.tokens, samples: samples)
    let reports = try trainer.reports()
    let (first, last) = (reports[..<10], reports[50...])
    #expect(last.reduce(0) { $0 + $1.loss } < 0.7 * first.reduce(0) { $0 + $1.loss })
  }
}
