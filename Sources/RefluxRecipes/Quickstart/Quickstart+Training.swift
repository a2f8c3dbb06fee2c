internal import RefluxEvaluation
internal import RefluxFiles
internal import RefluxLosses
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxSampling
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxTokens
internal import RefluxTraining

extension Quickstart {
  /// The teacher, trained or found, with its figures.
  func trainTeacher(_ data: QuickstartData) throws -> QuickstartModel {
    let sizes = sizes(configuration.teacher, data)
    let settings = training(
      "teacher", .ce, tokens: configuration.teacherTokens, rate: configuration.teacherRate,
      data.train, folder.train)
    addFact("Teacher", sizes, settings)
    return try model("teacher", nil, title: "Teacher", stage: "teacher", sizes, settings)
  }

  /// A student of the one size, from the one initialisation, on the one order of batches.
  func trainStudent(_ method: StudentMethod, _ data: QuickstartData) throws -> QuickstartModel {
    let sizes = sizes(configuration.student, data)
    let settings = training(
      method.name, method.objective, tokens: configuration.studentTokens,
      rate: configuration.studentRate, data.distill, folder.distill)
    if method.objective == .ce { addFact("Students", sizes, settings) }
    return try model(
      method.name, method.objective, title: method.title, stage: "student " + method.title, sizes,
      settings)
  }

  private func sizes(
    _ sizes: QuickstartConfiguration.Sizes, _ data: QuickstartData
  ) -> DecoderConfiguration {
    sizes.configuration(vocabularySize: data.tokenizer.vocabularySize)
  }

  /// What is asked of a training.
  private func training(
    _ name: String, _ objective: ObjectiveName, tokens: Int, rate: Double, _ store: TokenStore,
    _ storePath: String
  ) -> TrainSettings {
    let epoch = (store.count - 1) / configuration.window / configuration.batch
    // Small texts get several epochs, but no more than eight.
    let steps = max(1, min(tokens / configuration.tokensPerStep, 8 * epoch))
    let path = folder.model(name)
    var settings = TrainSettings()
    (settings.student, settings.output) = (ModelFolder.configurationPath(path), path)
    settings.tokenizer = folder.tokenizer
    settings.data.tokens = storePath
    settings.data.samples = samplesPath(objective)
    settings.teacher = objective == .fullkd ? folder.model("teacher") : nil
    settings.heldOut = folder.heldOut
    settings.evaluateEvery = configuration.curveSteps
    settings.evaluateTokens = configuration.curveTokens
    (settings.window, settings.steps) = (configuration.window, steps)
    settings.warmupSteps = min(configuration.warmupSteps, steps / 5)
    settings.training = TrainingConfiguration(
      objective: ObjectiveChoice(objective), batch: configuration.batch,
      window: configuration.window,
      steps: steps, peakRate: rate, seed: configuration.seed,
      checkpointSteps: configuration.curveSteps)
    (settings.seed, settings.compute) = (configuration.seed, compute)
    return settings
  }

  private func addFact(_ label: String, _ sizes: DecoderConfiguration, _ settings: TrainSettings) {
    let millions = (Double(ParameterTable(sizes).count) / 1e5).rounded() / 10
    let steps = settings.steps ?? 0
    facts.append(
      (
        label,
        "\(millions) M parameters (\(sizes.layers) layers of \(sizes.hiddenSize)),"
          + " \(steps * configuration.tokensPerStep) tokens in \(steps) steps"
      ))
  }

  /// Trains and evaluates one model, unless an earlier run did, and reads what its training logged.
  private func model(
    _ name: String, _ objective: ObjectiveName?, title: String, stage: String,
    _ sizes: DecoderConfiguration, _ settings: TrainSettings
  ) throws -> QuickstartModel {
    let figures =
      try figures(name) ?? makeModel(name, objective, stage: stage, sizes, settings)
    return QuickstartModel(
      name: name, objective: objective, title: title, figures: figures,
      metrics: try RunMetrics(path: folder.model(name)))
  }

  /// What an earlier run measured of a model that it finished.
  private func figures(_ name: String) -> ModelFigures? {
    guard ModelFolder.exists(at: folder.model(name)),
      FileSystem.exists(path: folder.metrics(name))
    else { return nil }
    return JSONFile.load(ModelFigures.self, folder.figures(name))
  }

  private func makeModel(
    _ name: String, _ objective: ObjectiveName?, stage: String, _ sizes: DecoderConfiguration,
    _ settings: TrainSettings
  ) throws -> ModelFigures {
    var recipe = TrainRecipe(settings)
    (recipe.software, recipe.replaces, recipe.newStudent) = (software, true, sizes)
    if case .interrupted = try recipe.run(observer.titled("train " + stage)) {
      throw RecipeError.interrupted
    }
    let figures = ModelFigures(try evaluate(name, objective, stage: stage))
    try JSONFile.save(figures, folder.figures(name))
    try? FileSystem.remove(path: folder.checkpoint(name))
    return figures
  }

  private func evaluate(
    _ name: String, _ objective: ObjectiveName?, stage: String
  ) throws -> EvaluationReport {
    var settings = EvaluateSettings()
    (settings.model, settings.tokens) = (folder.model(name), folder.heldOut)
    settings.teacher = objective == nil ? nil : folder.model("teacher")
    settings.context = configuration.window
    settings.limit = configuration.heldOutTokens
    settings.compute = compute
    return try EvaluateRecipe(settings).run(observer.titled("evaluate " + stage)).report
  }

  // MARK: Samples

  /// The two sample stores: RS-KD's draws and the top-K baseline's.
  func cache() throws {
    try cache(
      SamplerConfiguration(
        estimator: .multinomial, rounds: configuration.rounds, seed: configuration.seed),
      to: folder.samples, title: "cache RS-KD samples")
    try cache(
      SamplerConfiguration(
        estimator: .topk, rounds: configuration.topK, seed: configuration.seed),
      to: folder.topSamples, title: "cache Top-\(configuration.topK)")
  }

  private func cache(_ sampler: SamplerConfiguration, to path: String, title: String) throws {
    if FileSystem.exists(path: path) { return }
    var settings = CacheSettings()
    (settings.teacher, settings.tokens) = (folder.model("teacher"), folder.distill)
    (settings.output, settings.sampler) = (path, sampler)
    (settings.context, settings.compute) = (configuration.window, compute)
    var recipe = CacheRecipe(settings)
    recipe.teacherName = "quickstart teacher, seed \(configuration.seed)"
    recipe.keepsSettings = false
    if try recipe.run(observer.titled(title)) == nil { throw RecipeError.interrupted }
  }

  /// The sample store of an objective; nil for one that reads none.
  func samplesPath(_ objective: ObjectiveName?) -> String? {
    switch objective {
    case .rskd: folder.samples
    case .topk: folder.topSamples
    default: nil
    }
  }
}
