internal import RefluxMemory
internal import RefluxModel
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxTraining

/// A run of training that is taken in turns with others.
final class TrainSubject {
  let work: TrainWork
  let variant: TrainVariant
  /// Seconds of the steps that count.
  private(set) var seconds: [Double] = []
  /// The mean of every turn's.
  private(set) var turnMeans: [Double] = []
  /// Bytes by which the process grew for this run.
  let peakBytes: Int
  private let trainer: Trainer
  private var waited = 0.0

  /// Sets the run up and takes a first step, so that its memory is there.
  init(
    _ work: TrainWork, _ variant: TrainVariant, _ c: TrainBenchmark.Configuration,
    stores: StepStores, precision: Precision, workers: Workers
  ) throws {
    (self.work, self.variant) = (work, variant)
    let (tokens, samples) = (try stores.tokens(), try stores.samples(work))
    let memory = ResidentMemory()
    let teacher = work.kind == .dense ? try Self.model(c, seed: 2, precision, workers) : nil
    var configuration = TrainingConfiguration(
      objective: work.objective, kind: work.kind, batch: c.batch, window: c.window,
      steps: 1 << 20, peakRate: 1e-4)
    configuration.optimizer = c.optimizer
    (configuration.recomputes, configuration.focus) = (variant.recomputes, variant.focus)
    trainer = try Trainer(
      configuration, decoder: try Self.model(c, seed: 1, precision, workers), tokens: tokens,
      samples: samples, teacher: teacher)
    _ = try trainer.run(shouldStop: { true })
    peakBytes = memory.growth
  }

  var parameterCount: Int { trainer.decoder.configuration.parameterCount }
  /// Share of the counted steps spent waiting for the feed.
  var dataWaitPercent: Double { 100 * waited / max(seconds.reduce(0, +), .leastNonzeroMagnitude) }

  private static func model(
    _ c: TrainBenchmark.Configuration, seed: UInt64, _ precision: Precision, _ workers: Workers
  ) throws -> any LanguageModel {
    let model = try c.sizes.makeModel(window: c.window, precision: precision, workers: workers)
    model.initialize(seed: seed)
    return model
  }

  /// Trains for some steps, of which the first, which starts the feed anew, does not count.
  func take(steps: Int, counts: Bool) throws {
    var taken: [Double] = []
    var done = 0
    _ = try trainer.run { report in
      done += 1
      if done == 1 || !counts { return }
      let time = Double(self.trainer.tokensPerStep) / report.tokensPerSecond
      taken.append(time)
      self.waited += time * report.dataWaitPercent / 100
    } shouldStop: {
      done == steps
    }
    if !counts { return }
    seconds += taken
    turnMeans.append(taken.reduce(0, +) / Double(taken.count))
  }
}

/// How all works of a round are trained.
struct TrainVariant {
  /// Whether activations are computed again.
  var recomputes = false
  /// Which positions count.
  var focus: Focus?
}
