internal import RefluxCapture
internal import RefluxEvaluation
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxSampling
internal import RefluxSettings
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxTokens
internal import RefluxTraining

extension Quickstart {
  /// The teacher, trained or loaded, with its figures.
  func trainTeacher(
    _ data: QuickstartData
  ) throws -> (decoder: any LanguageModel, result: QuickstartModel) {
    let decoder = try model(configuration.teacher, data)
    let settings = training(
      .ce, tokens: configuration.teacherTokens, rate: configuration.teacherRate, data.train)
    addFact("Teacher", decoder, settings)
    let figures = try train(
      "teacher", title: "teacher", decoder, settings, data, on: data.train, teacher: nil)
    return (decoder, try result("teacher", "Teacher", figures))
  }

  /// A student of the one size, from the one initialisation, on the one order of batches.
  func trainStudent(
    _ method: StudentMethod, _ data: QuickstartData, _ teacher: any LanguageModel
  ) throws -> QuickstartModel {
    let decoder = try model(configuration.student, data)
    let settings = training(
      method.objective, tokens: configuration.studentTokens, rate: configuration.studentRate,
      data.distill)
    if method.objective == .ce { addFact("Students", decoder, settings) }
    let figures = try train(
      method.name, title: "student " + method.title, decoder, settings, data, on: data.distill,
      teacher: teacher)
    return try result(method.name, method.title, figures)
  }

  /// With what the training logged.
  private func result(
    _ name: String, _ title: String, _ figures: ModelFigures
  ) throws(RecipeError) -> QuickstartModel {
    QuickstartModel(
      name: name, title: title, figures: figures, metrics: try RunMetrics(path: folder.model(name)))
  }

  private func model(
    _ sizes: QuickstartConfiguration.Sizes, _ data: QuickstartData
  ) throws -> any LanguageModel {
    let decoder = try sizes.configuration(vocabularySize: data.tokenizer.vocabularySize)
      .makeModel(window: configuration.window, precision: precision, workers: workers)
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
    _ label: String, _ decoder: any LanguageModel, _ settings: TrainingConfiguration
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
    _ name: String, title: String, _ decoder: any LanguageModel,
    _ settings: TrainingConfiguration, _ data: QuickstartData, on tokens: TokenStore,
    teacher: (any LanguageModel)?
  ) throws -> ModelFigures {
    let path = folder.model(name)
    if let figures = JSONFile.load(ModelFigures.self, folder.figures(name)),
      ModelFolder.exists(at: path), FileSystem.exists(path: folder.metrics(name))
    {
      try named(path) { try ModelFolder.loadWeights(into: decoder, from: path) }
      return figures
    }
    try naming(path) { () throws(FileError) in try FileSystem.createDirectory(path: path) }
    try keepSettings(name, settings)
    let trainer = try Trainer(
      settings, decoder: decoder, tokens: tokens, samples: try samples(settings.objective),
      teacher: settings.objective.needsTeacher ? teacher : nil,
      checkpointPath: folder.checkpoint(name))
    try run(trainer, name, title, data)
    try named(path) {
      let sizes = decoder.configuration
      let text = try ModelText(data.tokenizer).completed(
        own: sizes.specialTokens, marks: DocumentMarks(tokens), isNew: true,
        positions: sizes.positions)
      try ModelFolder.save(decoder, to: path, text: text)
    }
    let figures = ModelFigures(try evaluate(decoder, title, data, teacher))
    try JSONFile.save(figures, folder.figures(name))
    try? FileSystem.remove(path: folder.checkpoint(name))
    return figures
  }

  /// Leaves the settings in the model's folder with which `train` makes it again.
  private func keepSettings(_ name: String, _ course: TrainingConfiguration) throws(RecipeError) {
    let path = folder.model(name)
    var settings = TrainSettings()
    (settings.student, settings.output) = (ModelFolder.configurationPath(path), path)
    settings.tokenizer = folder.tokenizer
    settings.data.tokens = name == "teacher" ? folder.train : folder.distill
    settings.data.samples = samplesPath(course.objective)
    settings.teacher = course.objective.needsTeacher ? folder.model("teacher") : nil
    settings.heldOut = folder.heldOut
    settings.evaluateEvery = configuration.curveSteps
    settings.evaluateTokens = configuration.curveTokens
    (settings.training, settings.seed) = (course, configuration.seed)
    let resolved = settings.resolved(course, precision: precision)
    let file = path + "/" + RunFolder.settingsName
    try naming(file) { () throws(FileError) in
      try RunFolder.keep(resolved, at: file, software: software)
    }
  }

  /// One run of training with its log; goes on from a checkpoint.
  private func run(
    _ trainer: Trainer, _ name: String, _ title: String, _ data: QuickstartData
  ) throws {
    _ = try named(folder.checkpoint(name)) { try trainer.restoreCheckpoint() }
    let recorder = try recorder(of: trainer, name, data)
    trainer.onCheckpoint = { () throws(TrainingError) in try recorder.sync() }
    let stage = observer.begin(
      "train " + title, "tokens", trainer.configuration.steps * trainer.tokensPerStep,
      trainer.step * trainer.tokensPerStep)
    let outcome = try trainer.run { report in
      _ = try recorder.record(report)
      stage.update(report.tokens, "loss " + decimals(report.loss))
    } shouldStop: {
      observer.isInterrupted()
    }
    try named(folder.model(name)) { try recorder.sync() }
    if case .interrupted = outcome { throw RecipeError.interrupted }
    stage.finish()
  }

  /// The log of a run that stands where `trainer` does, with the held-out losses of its curve.
  private func recorder(
    of trainer: Trainer, _ name: String, _ data: QuickstartData
  ) throws -> RunRecorder {
    let path = folder.model(name)
    let heldOut = try named(folder.heldOut) {
      try HeldOut(
        trainer.decoder, tokens: data.heldOut, feed: trainer.configuration.feed,
        interval: configuration.curveSteps, limit: configuration.curveTokens)
    }
    let log = try named(path) {
      try RunLog(folder: path, eventFolder: path, step: trainer.step)
    }
    return RunRecorder(log, trainer.configuration, interval: 1, heldOut: heldOut)
  }

  private func evaluate(
    _ decoder: any LanguageModel, _ title: String, _ data: QuickstartData,
    _ teacher: (any LanguageModel)?
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
  func cache(_ teacher: any LanguageModel, _ data: QuickstartData) throws {
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
    _ teacher: any LanguageModel, _ data: QuickstartData
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
    guard let path = samplesPath(objective) else { return nil }
    do { return try SampleStore(path: path) } catch { throw .store(path: path, error) }
  }

  private func samplesPath(_ objective: Objective) -> String? {
    if !objective.needsSamples { return nil }
    return objective == .topk ? folder.topSamples : folder.samples
  }

  /// Runs `body`; an error of training leaves with the path it is about.
  private func named<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ModelFilesError {
      throw RecipeError.modelFiles(path: path, error)
    } catch let error as CaptureError {
      throw RecipeError.capture(path: path, error)
    } catch let error as EvaluationError {
      throw RecipeError.evaluation(path: path, error)
    } catch let error as TrainingError {
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
