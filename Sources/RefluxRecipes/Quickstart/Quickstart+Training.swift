internal import RefluxFiles
internal import RefluxModel
internal import RefluxSampling
internal import RefluxStorage
internal import RefluxTokens
internal import RefluxTraining

extension Quickstart {
  /// The teacher, trained or loaded, with its figures.
  func trainTeacher(
    _ data: QuickstartData
  ) throws -> (decoder: Decoder<Element>, figures: ModelFigures) {
    let vocabulary = data.tokenizer.vocabularySize
    let decoder = try model(configuration.teacher(vocabulary))
    let settings = training(
      .ce, tokens: configuration.teacherTokens, rate: configuration.teacherRate, data.train)
    addFact("Teacher", decoder, settings)
    let figures = try train(
      "teacher", title: "teacher", decoder, settings, data, on: data.train, teacher: nil)
    return (decoder, figures)
  }

  /// A student of the one size, from the one initialisation, on the one order of batches.
  func trainStudent(
    _ method: StudentMethod, _ data: QuickstartData, _ teacher: Decoder<Element>
  ) throws -> ModelFigures {
    let decoder = try model(configuration.student(data.tokenizer.vocabularySize))
    let settings = training(
      method.objective, tokens: configuration.studentTokens, rate: configuration.studentRate,
      data.distill)
    if method.objective == .ce { addFact("Students", decoder, settings) }
    return try train(
      method.name, title: "student " + method.title, decoder, settings, data, on: data.distill,
      teacher: teacher)
  }

  private func model(_ sizes: DecoderConfiguration) throws -> Decoder<Element> {
    let decoder = try Decoder<Element>(sizes, window: configuration.window, workers: workers)
    decoder.initialize(seed: configuration.seed)
    return decoder
  }

  private func training(
    _ objective: Objective, tokens: Int, rate: Double, _ store: TokenStore
  ) -> TrainingConfiguration {
    let epoch = (store.count - 1) / configuration.window / configuration.batch
    // Small texts get several epochs, but no more than eight.
    let steps = max(1, min(tokens / configuration.tokensPerStep, 8 * epoch))
    return TrainingConfiguration(
      objective: objective, batch: configuration.batch, window: configuration.window,
      steps: steps, peakRate: rate, warmupSteps: min(configuration.warmupSteps, steps / 5),
      seed: configuration.seed, checkpointSteps: configuration.curveSteps)
  }

  private func addFact(
    _ label: String, _ decoder: Decoder<Element>, _ settings: TrainingConfiguration
  ) {
    let c = decoder.configuration
    let millions = (Double(decoder.table.count) / 1e5).rounded() / 10
    facts.append(
      (
        label,
        "\(millions) M parameters (\(c.layers) layers of \(c.hiddenSize)),"
          + " \(settings.steps * configuration.tokensPerStep) tokens in \(settings.steps) steps"
      ))
  }

  /// Trains, saves and evaluates one model, or loads what an earlier run finished.
  private func train(
    _ name: String, title: String, _ decoder: Decoder<Element>,
    _ settings: TrainingConfiguration, _ data: QuickstartData, on tokens: TokenStore,
    teacher: Decoder<Element>?
  ) throws -> ModelFigures {
    let path = folder.model(name)
    if let figures = JSONFile.load(ModelFigures.self, folder.figures(name)),
      ModelFolder.exists(at: path)
    {
      try named(path) { try ModelFolder.loadWeights(into: decoder, from: path) }
      return figures
    }
    try naming(path) { () throws(FileError) in try FileSystem.createDirectory(path: path) }
    let trainer = try Trainer(
      settings, decoder: decoder, tokens: tokens, samples: try samples(settings.objective),
      teacher: settings.objective.needsTeacher ? teacher : nil,
      checkpointPath: folder.checkpoint(name))
    let curves = try run(trainer, name, title, data)
    try named(path) {
      try ModelFolder.save(decoder, to: path, tokenizer: data.tokenizer.json())
    }
    let figures = ModelFigures(try evaluate(decoder, title, data, teacher), curves)
    try JSONFile.save(figures, folder.figures(name))
    try? FileSystem.remove(path: folder.checkpoint(name))
    return figures
  }

  /// One run of training with its curves; goes on from a checkpoint.
  private func run(
    _ trainer: Trainer<Element>, _ name: String, _ title: String, _ data: QuickstartData
  ) throws -> TrainingCurves {
    var curves = TrainingCurves()
    if try named(folder.checkpoint(name), { try trainer.restoreCheckpoint() }) {
      curves = JSONFile.load(TrainingCurves.self, folder.curve(name)) ?? curves
      curves.rewind(to: trainer.step * trainer.tokensPerStep)
    }
    let total = trainer.configuration.steps
    let stage = observer.begin(
      "train " + title, "tokens", total * trainer.tokensPerStep,
      trainer.step * trainer.tokensPerStep)
    let evaluator = try Evaluator(trainer.decoder, window: configuration.window)
    let outcome = try trainer.run { report in
      curves.add(report, tokensPerStep: trainer.tokensPerStep)
      if report.step % configuration.curveSteps == 0 || report.step == total {
        let heldOut = try evaluator.run(data.heldOut, limit: configuration.curveTokens)
        curves.heldOut.append(.init(tokens: report.tokens, loss: heldOut.lmLoss))
        try JSONFile.save(curves, folder.curve(name))
      }
      stage.update(report.tokens, "loss " + decimals(report.loss))
    } shouldStop: {
      observer.isInterrupted()
    }
    if case .interrupted = outcome {
      try JSONFile.save(curves, folder.curve(name))
      throw RecipeError.interrupted
    }
    stage.finish()
    return curves
  }

  private func evaluate(
    _ decoder: Decoder<Element>, _ title: String, _ data: QuickstartData,
    _ teacher: Decoder<Element>?
  ) throws -> EvaluationReport {
    let total = min(configuration.heldOutTokens, data.heldOut.count)
    let stage = observer.begin("evaluate " + title, "tokens", total, 0)
    let report = try Evaluator(decoder, window: configuration.window, teacher: teacher).run(
      data.heldOut, limit: configuration.heldOutTokens
    ) { done, _ in
      stage.update(done, nil)
      return !observer.isInterrupted()
    }
    try checkInterruption()
    stage.finish()
    return report
  }

  // MARK: Samples

  /// The two sample stores: RS-KD's draws and the top-K baseline's.
  func cache(_ teacher: Decoder<Element>, _ data: QuickstartData) throws {
    try cache(
      SamplerConfiguration(
        estimator: .multinomial, rounds: configuration.rounds, seed: configuration.seed),
      to: folder.samples, title: "cache RS-KD samples", teacher, data)
    try cache(
      SamplerConfiguration(
        estimator: .topk, rounds: configuration.topK, seed: configuration.seed),
      to: folder.topSamples, title: "cache Top-\(configuration.topK)", teacher, data)
  }

  private func cache(
    _ sampler: SamplerConfiguration, to path: String, title: String,
    _ teacher: Decoder<Element>, _ data: QuickstartData
  ) throws {
    if FileSystem.exists(path: path) { return }
    let capture = try Capture(
      CaptureConfiguration(
        sampler: sampler, context: configuration.window, batch: configuration.batch,
        teacher: "quickstart teacher, seed \(configuration.seed)"),
      teacher: teacher, tokens: data.distill)
    var stage: StageObserver.Stage?
    let report = try named(path) {
      try capture.run(to: path) { done, total in
        // The first call says where an earlier run stopped.
        let current = stage ?? observer.begin(title, "tokens", total, done)
        stage = current
        current.update(done, nil)
        return !observer.isInterrupted()
      }
    }
    if !report.finished { throw RecipeError.interrupted }
    stage?.finish()
  }

  private func samples(_ objective: Objective) throws(RecipeError) -> SampleStore? {
    if !objective.needsSamples { return nil }
    let path = objective == .topk ? folder.topSamples : folder.samples
    do { return try SampleStore(path: path) } catch { throw .store(path: path, error) }
  }

  /// Runs `body`; an error of training leaves with the path it is about.
  private func named<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as TrainingError {
      throw RecipeError.training(path: path, error)
    } catch let error as StoreError {
      throw RecipeError.store(path: path, error)
    }
  }
}

func decimals(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
  let thousandths = Int((value * 1000).rounded())
  let digits = String(abs(thousandths) % 1000)
  return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
}
