internal import RefluxEvaluation
internal import RefluxKernels
internal import RefluxLosses
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxSampling
internal import RefluxSettings
internal import RefluxStorage
internal import RefluxTargets

/// The steps of an evaluation.
struct EvaluateRun {
  let settings: EvaluateSettings
  let modelling: Modelling
  let observer: StageObserver

  func run() throws -> EvaluateResult {
    let tokens = try ModelInputs.tokens(settings.tokens)
    let samples = try settings.samples.map { path throws(RecipeError) in
      try ModelInputs.samples(path, of: tokens)
    }
    try requireOneTokenizer(tokens)
    let context = ModelInputs.window(
      settings.context, samples: samples, sizes: try ModelInputs.configuration(settings.model))
    try requireMemory(context, samples)
    let model = try ModelInputs.model(settings.model, window: context, modelling)
    let teacher = try settings.teacher.map { path throws(RecipeError) in
      try ModelInputs.model(path, window: context, modelling)
    }
    notePadding(tokens, model, teacher)
    let tables = try tables(model.configuration.vocabularySize)
    let packing = settings.packing ?? samples?.packing ?? .windows
    let evaluator = try naming(settings.teacher ?? settings.model) {
      try Evaluator(
        model, window: context, packing: packing, teacher: teacher,
        bins: settings.calibrationBins)
    }
    let report = try evaluate(evaluator, context, tokens, sets(of: samples))
    let objectives = try values(evaluator, tokens, samples, tables)
    guard let teacher, let sizes = settings.gradients?.elements else {
      return EvaluateResult(report: report, gradients: nil, objectives: objectives)
    }
    let comparison = try naming(settings.teacher ?? settings.model) {
      try GradientComparison(
        model, teacher: teacher, window: context, packing: packing, sizes: sizes, drawn: drawn)
    }
    return EvaluateResult(
      report: report, gradients: try compare(comparison, tokens, samples),
      objectives: objectives)
  }

  // MARK: Before the first window

  private func requireOneTokenizer(_ tokens: TokenStore) throws(RecipeError) {
    let models = try [settings.model, settings.teacher].compactMap { $0 }
      .map(ModelInputs.tokenizerClaim)
    try ModelInputs.requireOneTokenizer(
      [TokenizerClaim(tokens: tokens, name: settings.tokens)] + models, observer: observer)
  }

  private func requireMemory(_ context: Int, _ samples: SampleStore?) throws(RecipeError) {
    let sizes = try ModelInputs.sizes(settings.model, window: context)
    let teacher = try settings.teacher.map { path throws(RecipeError) in
      try ModelInputs.sizes(path, window: context)
    }
    let gradients = settings.gradients.map { GradientPlan(sizes: $0.elements, drawn: drawn) }
    let need = try naming(settings.teacher ?? settings.model) {
      try Evaluator.memory(
        of: sizes, teacher: teacher, window: context, samples: samples, gradients: gradients,
        precision: modelling.precision, workers: modelling.workers)
    }
    let advice = gradients == nil ? "" : ", or leave out 'gradients'"
    try MemoryCheck(threads: modelling.workers.count).require(
      need, for: "the evaluation", at: settings.model,
      advice: "lower 'context' or 'threads'" + advice)
  }

  private func notePadding(
    _ tokens: TokenStore, _ model: any LanguageModel, _ teacher: (any LanguageModel)?
  ) {
    for (folder, model) in [(settings.model, model), (settings.teacher ?? "", teacher)] {
      guard let ids = model?.configuration.vocabularySize else { continue }
      ModelInputs.notePadding(folder, ids: ids, other: tokens.vocabularySize, to: observer)
    }
  }

  /// The tables that objectives name, with a row for each id.
  private func tables(_ vocabularySize: Int) throws(RecipeError) -> [String: [[Double]]] {
    var tables: [String: [[Double]]] = [:]
    for path in settings.objectives.compactMap({ $0.word("table") }) {
      let file = try NumberFile(path: path)
      _ = try file.similarities(vocabularySize: vocabularySize)
      tables[path] = try file.rows(named: "table")
    }
    return tables
  }

  // MARK: The windows

  /// The sets of which there are KL and acceptance: tempered ones are for objectives alone.
  private func sets(of samples: SampleStore?) -> SampleStore? {
    guard let path = settings.samples, let samples, !settings.objectives.isEmpty,
      !samples.facts.areOfProbabilities
    else { return samples }
    observer.note(.temperedSamples(path: path))
    return nil
  }

  private func evaluate(
    _ evaluator: Evaluator, _ context: Int, _ tokens: TokenStore, _ samples: SampleStore?
  ) throws -> EvaluationReport {
    let limit = settings.limit ?? gradientTokens(context) ?? .max
    let stage = observer.begin("evaluate", "tokens", min(tokens.count, limit), 0)
    let report = try named {
      try evaluator.run(tokens, samples: samples, limit: limit, progress: watch(stage))
    }
    stage.finish()
    try observer.check()
    return report
  }

  private func values(
    _ evaluator: Evaluator, _ tokens: TokenStore, _ samples: SampleStore?,
    _ tables: [String: [[Double]]]
  ) throws -> [ObjectiveValue] {
    if settings.objectives.isEmpty { return [] }
    let stage = observer.begin("objectives", "windows", nil, 0)
    let values = try named {
      try evaluator.values(
        of: settings.objectives, on: tokens, samples: samples, tables: tables,
        progress: watch(stage))
    }
    stage.finish()
    try observer.check()
    return values
  }

  private func compare(
    _ comparison: GradientComparison, _ tokens: TokenStore, _ samples: SampleStore?
  ) throws -> [GradientAngle] {
    let stage = observer.begin("gradients", "windows", nil, 0)
    let angles = try named {
      try comparison.run(
        tokens, samples: samples, batches: settings.gradientBatches, progress: watch(stage))
    }
    stage.finish()
    try observer.check()
    return angles
  }

  /// Shows what is done; false stops.
  private func watch(_ stage: StageObserver.Stage) -> (Int, Int) -> Bool {
    { done, total in
      stage.update(done, total, nil)
      return !observer.isInterrupted()
    }
  }

  private var drawn: [SamplerConfiguration] {
    settings.gradientTargets?.elements.map(\.sampler) ?? []
  }

  /// The tokens that gradients are compared on.
  private func gradientTokens(_ context: Int) -> Int? {
    guard let largest = settings.gradients?.elements.max() else { return nil }
    let windows = largest.multipliedReportingOverflow(by: settings.gradientBatches)
    let tokens = windows.partialValue.multipliedReportingOverflow(by: context)
    return windows.overflow || tokens.overflow ? .max : tokens.partialValue
  }

  /// Runs `body`; its error names the file it is about.
  private func named<Result>(_ body: () throws -> Result) throws(RecipeError) -> Result {
    do { return try body() } catch {
      let path =
        switch error {
        case EvaluationError.modelFiles(.vocabulary), EvaluationError.modelFiles(.idInPadding),
          EvaluationError.logits:
          settings.model
        case EvaluationError.feed(let cause) where cause.isOfSamples:
          settings.samples ?? settings.tokens
        case EvaluationError.objective, EvaluationError.otherTarget:
          settings.samples ?? settings.tokens
        case let cause as FeedError where cause.isOfSamples: settings.samples ?? settings.tokens
        default: settings.tokens
        }
      return try naming(path) { throw error }
    }
  }
}
