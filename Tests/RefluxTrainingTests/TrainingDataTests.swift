import Foundation
import LearningSupport
import RefluxLosses
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// What the feed says of a batch reaches the model and the loss.
@Suite struct TrainingDataTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func trainer(
    _ configuration: TrainingConfiguration, _ sources: [FeedSource], workers: Int = 2,
    checkpoint: String? = nil
  ) throws -> Trainer {
    let decoder = try setup.decoder("grouped", workers: Workers(count: workers))
    return try Trainer(
      configuration, decoder: decoder, sources: sources, checkpointPath: checkpoint)
  }

  /// The stored tokens as documents of these lengths, again and again.
  private func documents(of lengths: [Int]) throws -> TokenStore {
    let path = setup.folder.file(UUID().uuidString + ".rfx")
    let writer = try TokenStoreWriter(
      path: path,
      configuration: TokenStoreConfiguration(vocabularySize: TrainingSetup.vocabulary))
    var (start, turn) = (0, 0)
    while start < setup.tokens.count {
      let end = min(start + lengths[turn % lengths.count], setup.tokens.count)
      let document = Array(setup.data.tokens[start..<end])
      try writer.append(document: document.span)
      (start, turn) = (end, turn + 1)
    }
    _ = try writer.seal()
    return try TokenStore(path: path)
  }

  // MARK: Packing

  /// Two documents that share a window learn what each learns in a window of its own.
  @Test(arguments: [Packing.documents, .bestFit])
  func packedDocumentsLearnAsTheyDoAlone(packing: Packing) throws {
    let tokens = try documents(of: [setup.run.window / 2])
    var packed = setup.configuration(.ce)
    packed.feed.packing = packing
    packed.steps = 3
    packed.warmupSteps = 1
    var alone = packed
    alone.feed.batch *= 2
    alone.feed.window /= 2
    let source = [FeedSource(name: "documents", tokens: tokens)]
    let (one, two) = (try trainer(packed, source), try trainer(alone, source))
    for (a, b) in zip(try one.reports(), try two.reports()) {
      #expect(abs(a.loss - b.loss) < 1e-5)
      #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-4 * a.gradientNorm)
    }
    packed.feed.packing = .windows
    let through = try trainer(packed, source).reports(until: 1)[0]
    #expect(abs(through.loss - (try trainer(alone, source).reports(until: 1)[0].loss)) > 1e-4)
  }

  @Test func packingOtherThanTheTeachersIsRefused() throws {
    var configuration = setup.configuration(.rskd)
    configuration.feed.packing = .documents
    let source = FeedSource(name: "tokens", tokens: setup.tokens, samples: try setup.drawn())
    let error = #expect(throws: TrainingError.self) { try trainer(configuration, [source]) }
    #expect("\(try #require(error))".contains("'windows', the batches' as 'documents'"))
    configuration.feed.allowsOtherWindows = true
    #expect(try trainer(configuration, [source]).reports(until: 1)[0].loss.isFinite)
  }

  // MARK: Weights and shares

  /// The share of a store in place of the run's, to the bit; unlike the run's, it can differ.
  @Test func theStoresShareOfTheTargetIsTheRows() throws {
    let samples = try setup.drawn()
    var configuration = setup.configuration(.rskd)
    var source = FeedSource(name: "tokens", tokens: setup.tokens, samples: samples)
    configuration.loss.distillation = 0.25
    let expected = try trainer(configuration, [source]).reports(until: 3)
    configuration.loss.distillation = 1
    let whole = try trainer(configuration, [source]).reports(until: 3)
    source.alpha = 0.25
    let found = try trainer(configuration, [source]).reports(until: 3)
    #expect(found.map(\.loss) == expected.map(\.loss))
    #expect(found.map(\.gradientNorm) == expected.map(\.gradientNorm))
    #expect(found.map(\.loss) != whole.map(\.loss))
  }

  @Test func weightsScaleTheGradientAndNotTheLoss() throws {
    var source = FeedSource(name: "tokens", tokens: setup.tokens)
    let plain = try trainer(setup.configuration(.ce), [source]).reports(until: 1)[0]
    source.tokenWeight = 2
    let double = try trainer(setup.configuration(.ce), [source]).reports(until: 1)[0]
    #expect(double.loss == plain.loss)
    #expect(double.gradientNorm == 2 * plain.gradientNorm)
  }

  // MARK: Blends and positions

  /// Two stores in shares that change on the way, stopped twice, each time gone on with others.
  @Test func blendedRunsResumeToTheSameBits() throws {
    let sources = [
      FeedSource(name: "whole", tokens: setup.tokens),
      FeedSource(name: "parts", tokens: try documents(of: [7, 20, 3]), alpha: 0.5),
    ]
    var configuration = setup.configuration(.ce)
    configuration.feed.order = .shuffled
    configuration.feed.phases = [
      BlendPhase(firstWindow: 0, weights: [2, 1]), BlendPhase(firstWindow: 30, weights: [1, 4]),
    ]
    let whole = try trainer(configuration, sources)
    let expected = try whole.reports()
    let path = setup.folder.file("blended")
    var reports: [StepReport] = []
    for stop in [5, 12, .max] {
      let part = try trainer(
        configuration, sources, workers: 1 + reports.count % 2, checkpoint: path)
      #expect(try part.restoreCheckpoint() == (stop != 5))
      reports += try part.reports(until: stop)
      if stop == .max { #expect(part.weights == whole.weights) }
    }
    #expect(reports.map(\.loss) == expected.map(\.loss))

    configuration.feed.phases[1].weights = [1, 3]
    let error = #expect(throws: TrainingError.self) {
      try trainer(configuration, sources, checkpoint: path).restoreCheckpoint()
    }
    #expect("\(try #require(error))".contains("belongs to another run"))
  }

  /// With a learning rate of 0 a loss is a function of the batch: which ones came can be read off.
  @Test func batchesThatAreLeftOutStayOutAcrossAStop() throws {
    var configuration = setup.configuration(.ce)
    configuration.peakRate = 0
    configuration.steps = 12
    configuration.feed.order = .shuffled
    let source = [FeedSource(name: "tokens", tokens: setup.tokens)]
    let all = try trainer(configuration, source).reports().map(\.loss)
    #expect(Set(all.prefix(12)).count == 12)
    let path = setup.folder.file("skipped")
    let first = try trainer(configuration, source, checkpoint: path).reports(until: 3).map(\.loss)
    configuration.feed.skippedSteps = [4..<6, 8..<9]
    let second = try trainer(configuration, source, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    let losses = try first + second.reports(until: 6).map(\.loss)
    #expect(losses == [0, 1, 2, 3, 6, 7].map { all[$0] })
    let third = try trainer(configuration, source, checkpoint: path)
    #expect(try third.restoreCheckpoint())
    #expect(try third.reports(until: 8).map(\.loss) == Array(all[9..<11]))
  }
}
