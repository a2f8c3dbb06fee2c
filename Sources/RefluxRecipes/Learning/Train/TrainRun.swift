internal import RefluxEvaluation
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTraining

/// The steps of a training.
struct TrainRun {
  private let recipe: TrainRecipe
  private let inputs: TrainInputs
  private let memory: TrainMemory
  private let outline: TrainOutline
  private let modelling: Modelling
  private let observer: StageObserver

  private var settings: TrainSettings { recipe.settings }
  private var configuration: TrainingConfiguration { inputs.configuration }
  private var window: Int { configuration.window }
  private var checkpoint: String { settings.output + "/checkpoint.safetensors" }

  /// Opens the stores, and knows of models what their configurations say.
  init(_ recipe: TrainRecipe, _ observer: StageObserver) throws {
    let modelling = try recipe.settings.compute.modelling()
    (self.recipe, self.modelling, self.observer) = (recipe, modelling, observer)
    let inputs = try TrainInputs(recipe)
    self.inputs = inputs
    inputs.notes.forEach(observer.note)
    let settings = recipe.settings
    memory = TrainMemory(
      settings: inputs.configuration, student: inputs.student,
      teacher: try inputs.teacher.map { path throws(RecipeError) in
        try ModelInputs.sizes(path, window: inputs.configuration.window)
      },
      sources: inputs.stores.sources, modelling: modelling, evaluates: settings.heldOut != nil,
      writesCheckpoints: true)
    // Weights, gradients and moments: two, or at least one with Muon.
    try ModelInputs.requireMemory(
      inputs.student, bytesPerParameter: settings.training.optimizer == .muon ? 12 : 16,
      at: settings.student)
    outline = TrainOutline(
      name: settings.student, configuration: inputs.configuration, student: inputs.student,
      plan: inputs.plan, precision: modelling.precision, threads: modelling.workers.count,
      memory: try naming(settings.student) { [memory] in try memory.parts() })
  }

  func run() throws -> TrainingOutcome {
    try memory.require(at: settings.student)
    let text = try text()
    let trainer = try trainer(checkpoint: checkpoint)
    let heldOut = try heldOut(trainer.decoder, limit: settings.evaluateTokens ?? .max)
    try start(trainer)
    try naming(settings.output) { try FileSystem.createDirectory(path: settings.output) }
    try keepSettings()
    let outcome = try train(trainer, heldOut)
    if case .interrupted = outcome { return outcome }
    try naming(ModelFolder.weightsPath(settings.output)) {
      try ModelFolder.save(
        trainer.decoder, to: settings.output, text: text, format: settings.weightFormat)
    }
    return outcome
  }

  /// What the run comes to, by a few steps of it.
  func forecast() throws -> TrainForecast {
    do throws(RecipeError) { try memory.require(at: settings.student) } catch {
      return TrainForecast(outline: outline, lack: error, timing: nil)
    }
    _ = try text()
    let trainer = try trainer(checkpoint: nil)
    let heldOut = try heldOut(trainer.decoder, limit: configuration.batch * window)
    let all = try settings.heldOut.map { path throws(RecipeError) in
      try ModelInputs.tokens(path).count
    }
    let trial = TrainTrial(
      trainer: trainer, heldOut: heldOut,
      tokensPerEvaluation: min(settings.evaluateTokens ?? .max, all ?? 0), observer: observer)
    let timing = try named(trainer) { try trial.measure() }
    return TrainForecast(outline: outline, lack: nil, timing: timing)
  }

  // MARK: Before the first step

  private func text() throws(RecipeError) -> ModelText? {
    let text = try TrainText(
      settings: settings, sources: inputs.stores.sources, observer: observer
    ).prepare(inputs.student)
    try inputs.outputs.check(text)
    return text
  }

  private func trainer(checkpoint: String?) throws(RecipeError) -> Trainer {
    let student = try student()
    let teacher = try inputs.teacher.map { path throws(RecipeError) in
      try ModelInputs.model(path, window: window, modelling)
    }
    return try naming(settings.data.samples ?? settings.data.name) {
      try Trainer(
        configuration, decoder: student, sources: inputs.stores.sources, teacher: teacher,
        checkpointPath: checkpoint)
    }
  }

  /// Loaded or made, with a row for every token.
  private func student() throws(RecipeError) -> any LanguageModel {
    let student = try makeStudent()
    let (ids, tokens) = (student.configuration.vocabularySize, inputs.stores.sources[0].tokens)
    try naming(settings.student) { try VocabularyFit.check(tokens, model: ids) }
    ModelInputs.notePadding(
      settings.student, ids: ids, other: tokens.vocabularySize, to: observer)
    return student
  }

  private func makeStudent() throws(RecipeError) -> any LanguageModel {
    if recipe.newStudent == nil, FileSystem.isFolder(path: settings.student) {
      return try ModelInputs.model(settings.student, window: window, modelling)
    }
    return try naming(settings.student) {
      let student = try modelling.make(inputs.student, window: window)
      student.initialize(seed: settings.seed)
      return student
    }
  }

  private func heldOut(
    _ student: any LanguageModel, limit: Int
  ) throws(RecipeError) -> HeldOut? {
    guard let path = settings.heldOut else { return nil }
    let tokens = try ModelInputs.tokens(path)
    return try naming(path) {
      try HeldOut(
        student, tokens: tokens, feed: configuration.feed, interval: settings.evaluateEvery ?? 100,
        limit: limit)
    }
  }

  /// From another run's checkpoint, or where this one's says.
  private func start(_ trainer: Trainer) throws(RecipeError) {
    if let path = settings.fromCheckpoint {
      try naming(path) { try trainer.start(fromCheckpoint: path) }
    }
    let goesOn = try naming(checkpoint) { try trainer.restoreCheckpoint() }
    if recipe.resumes && !goesOn { throw .learning(path: checkpoint, .noCheckpoint) }
  }

  /// Leaves the settings with what was decided for them in the folder.
  private func keepSettings() throws(RecipeError) {
    let path = settings.output + "/" + RunFolder.settingsName
    let resolved = settings.resolved(configuration, precision: settings.compute.format)
    try naming(path) { try RunFolder.keep(resolved, at: path, software: recipe.software) }
  }

  // MARK: The steps

  private func train(
    _ trainer: Trainer, _ heldOut: HeldOut?
  ) throws -> TrainingOutcome {
    let start = trainer.step
    if start == configuration.steps {
      observer.note(.allStepsDone(start))
      return .finished
    }
    try observer.row(.outline(outline))
    if start > 0 { observer.note(.resumed(step: start)) }
    let recorder = RunRecorder(
      try log(step: start), configuration, interval: settings.logSteps, heldOut: heldOut)
    trainer.onCheckpoint = { () throws(TrainingError) in try recorder.sync() }
    trainer.onStall = { [observer] in observer.note(.stalled($0)) }
    let (outcome, skipped) = try follow(trainer, recorder)
    if skipped > 0 { observer.note(.skippedWindows(skipped)) }
    return outcome
  }

  /// Runs the steps left, with rows and progress; returns also how many windows were skipped.
  private func follow(
    _ trainer: Trainer, _ recorder: RunRecorder
  ) throws -> (TrainingOutcome, skipped: Int) {
    let stage = observer.begin(
      "train", "tokens", configuration.steps * trainer.tokensPerStep,
      trainer.step * trainer.tokensPerStep)
    var (skipped, means) = (0, TrainingMeans())
    let outcome = try named(trainer) {
      try trainer.run { report in
        skipped = report.skippedWindows
        stage.update(report.tokens, nil, means.figures(after: report))
        guard let row = try recorder.record(report) else { return }
        means.heldOutLoss = row.heldOut?.lmLoss ?? means.heldOutLoss
        stage.update(report.tokens, nil, means.figures)
        try observer.row(.step(row))
      } shouldStop: {
        observer.isInterrupted()
      }
    }
    try naming(settings.output) { try recorder.sync() }
    stage.finish()
    return (outcome, skipped)
  }

  /// Opens the log of a run that stands at `step`.
  private func log(step: Int) throws(RecipeError) -> RunLog {
    let folder = settings.eventFolder
    try naming(folder) { try FileSystem.createDirectory(path: folder) }
    return try naming(settings.output) {
      try RunLog(folder: settings.output, eventFolder: folder, step: step)
    }
  }

  /// Runs `body`; a module's error names the file it is about.
  private func named<Result>(
    _ trainer: Trainer, _ body: () throws -> Result
  ) throws -> Result {
    do { return try body() } catch {
      let path =
        switch error {
        case FeedError.tokens, FeedError.blended: settings.data.name
        case FeedError.samples: settings.data.samples ?? settings.data.name
        case FeedError.tokenWeights: settings.data.weights ?? settings.data.name
        case TrainingError.file: trainer.checkpointPath ?? settings.output
        default: settings.output
        }
      throw RecipeError.known(error, at: path) ?? error
    }
  }
}
