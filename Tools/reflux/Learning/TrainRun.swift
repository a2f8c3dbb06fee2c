import RefluxEvaluation
import RefluxFiles
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxRecipes
import RefluxStorage
import RefluxTokens
import RefluxTraining

/// The steps of `train`.
struct TrainRun {
  let settings: TrainSettings
  let verb: TrainVerb

  func run(_ precision: Precision, _ workers: Workers) throws {
    var stores = try FeedStores(settings.data)
    let outputs = TrainOutputs(self, reading: stores.paths)
    try outputs.check()
    let sizes = try studentSizes()
    let window = settings.window ?? stores.context ?? ModelInputs.window(nil, sizes: sizes)
    let (course, plan) = try configuration(&stores, window)
    if settings.training.objective == .ce, stores.sources.contains(where: { $0.alpha != nil }) {
      Console.note("reflux: \(settings.data.name): 'alpha' changes nothing with --loss ce")
    }
    for note in settings.idleInputs { Console.note("reflux: \(note)") }
    let tokens = stores.sources[0].tokens
    let memory = TrainMemory(
      settings: course, student: sizes, teacher: try teacherSizes(window),
      sources: stores.sources, precision: precision,
      workers: workers, evaluates: settings.heldOut != nil, writesCheckpoints: true)
    let head = TrainHead(
      name: settings.student, settings: course, student: sizes, stores: stores, plan: plan,
      precision: precision.rawValue, threads: workers.count,
      memory: try parts(memory))
    try requireMemory(memory, head)
    let text = try TrainText(settings: settings, sources: stores.sources).prepare(sizes)
    try outputs.check(text)
    let decoder = try student(sizes, window, precision, workers)
    try checkVocabulary(decoder, tokens)
    let teacher = try teacherFolder.map { path throws(Failure) in
      try ModelInputs.model(path, window: window, precision, workers)
    }
    let heldOut = try heldOut(
      decoder, course.feed, limit: settings.evaluateTokens ?? .max)
    let checkpoint = settings.output + "/checkpoint.safetensors"
    let trainer = try at(settings.data.samples ?? settings.data.name) {
      try Trainer(
        course, decoder: decoder, sources: stores.sources, teacher: teacher,
        checkpointPath: verb.dryRun ? nil : checkpoint)
    }
    if verb.dryRun { return try measure(trainer, head) }
    if let path = settings.fromCheckpoint {
      try at(path) { try trainer.start(fromCheckpoint: path) }
    }
    let goesOn = try at(checkpoint) { try trainer.restoreCheckpoint() }
    if verb.resume && !goesOn {
      throw Failure(
        path: checkpoint, "there is no checkpoint to go on from; leave out --resume to start")
    }
    try at(settings.output) { try FileSystem.createDirectory(path: settings.output) }
    try keepSettings(course)
    let log = TrainLog(verb, steps: course.steps)
    try train(trainer, heldOut, head, log)
    try at(ModelFolder.weightsPath(settings.output)) {
      try ModelFolder.save(
        decoder, to: settings.output, text: text, format: settings.weightFormat)
    }
    try log.end(next)
  }

  /// Leaves the settings with what was decided for them in the folder.
  private func keepSettings(_ course: TrainingConfiguration) throws(Failure) {
    let path = settings.output + "/" + RunFolder.settingsName
    let resolved = settings.resolved(course, precision: settings.compute.format)
    try at(path) { try RunFolder.keep(resolved, at: path, software: Reflux.software) }
  }

  /// Opens the log of a run that stands at `step`.
  private func log(step: Int) throws(Failure) -> RunLog {
    let eventFolder = settings.eventFolder
    try at(eventFolder) { try FileSystem.createDirectory(path: eventFolder) }
    return try at(settings.output) {
      try RunLog(folder: settings.output, eventFolder: eventFolder, step: step)
    }
  }

  /// What to do with the model.
  private var next: String {
    "\(settings.output) holds the model; next: reflux evaluate --model \(settings.output) --tokens "
      + (settings.heldOut ?? "HELD-OUT")
  }

  /// The teacher that is run beside the student; others only have a tokenizer.
  private var teacherFolder: String? {
    settings.training.objective.needsTeacher ? settings.teacher : nil
  }

  private func teacherSizes(_ window: Int) throws(Failure) -> DecoderConfiguration? {
    try teacherFolder.map { path throws(Failure) in
      try ModelInputs.sizes(path, window: window)
    }
  }

  /// What the parts of the run need; refuses what no form of it could hold.
  private func parts(
    _ memory: TrainMemory
  ) throws(Failure) -> [(part: String, need: MemoryNeed)] {
    // Weights, gradients and moments: two, or at least one with Muon.
    try ModelInputs.requireMemory(
      memory.student, bytesPerParameter: settings.training.optimizer == .muon ? 12 : 16,
      at: settings.student)
    return try at(settings.student) { try memory.parts() }
  }

  private func requireMemory(
    _ memory: TrainMemory, _ head: TrainHead
  ) throws(Failure) {
    do { try memory.require(at: settings.student) } catch {
      // A dry run says what is needed all the same.
      if verb.dryRun { try head.factsOfParts.print(json: verb.printing.json) }
      throw error
    }
  }

  /// What a run comes to, by a few steps of it.
  private func measure(_ trainer: Trainer, _ head: TrainHead) throws {
    var facts = head.factsOfParts
    let (feed, batch) = (trainer.configuration.feed, trainer.configuration.batch)
    let heldOut = try heldOut(trainer.decoder, feed, limit: batch * feed.window)
    let all = try settings.heldOut.map { path throws(Failure) in
      try ModelInputs.tokens(path).count
    }
    let trial = TrainTrial(
      trainer: trainer, heldOut: heldOut,
      tokensPerEvaluation: min(settings.evaluateTokens ?? .max, all ?? 0))
    try named(trainer) { try trial.measure(into: &facts) }
    try facts.print(json: verb.printing.json)
  }

  private func configuration(
    _ stores: inout FeedStores, _ window: Int
  ) throws(Failure) -> (TrainingConfiguration, FeedPlan) {
    var course = settings.configuration(window: window, steps: settings.steps ?? 1)
    settings.data.apply(to: &course.feed, stored: stores.packing)
    let plan = try stores.plan(&course.feed)
    if settings.steps == nil {
      let feed = course.feed
      course = settings.configuration(window: window, steps: try steps(stores, plan))
      course.feed = feed
    }
    do { try course.validate(shares: stores.sources.map(\.alpha)) } catch {
      throw Failure(error)
    }
    return (course, plan)
  }

  /// The steps of the epochs that were asked for, or that the mix says.
  private func steps(_ stores: FeedStores, _ plan: FeedPlan) throws(Failure) -> Int {
    if settings.epochs == nil, !stores.saysEpochs {
      throw Failure(
        path: settings.data.name, "does not say 'epochs'; give --steps or --epochs",
        exitCode: .usage)
    }
    let epochs = settings.epochs ?? 1
    let steps = plan.steps(
      epochs: stores.epochs.map { epochs * $0 }, batches: settings.training.accumulation)
    if steps < 1 {
      throw Failure(
        path: settings.data.name,
        "\(epochs) epochs of \(plan.windowCount) windows of \(plan.window) tokens are less than a"
          + " step; use more text, a smaller --batch, --accumulate or --window",
        exitCode: .badData)
    }
    return steps
  }

  private func studentSizes() throws(Failure) -> DecoderConfiguration {
    if FileSystem.isFolder(path: settings.student) {
      return try ModelInputs.configuration(settings.student)
    }
    if !FileSystem.exists(path: settings.student), !settings.student.hasSuffix(".json"),
      let lack = ModelFolder.lack(at: settings.student)
    {
      throw Failure(path: settings.student, lack)
    }
    return try at(settings.student) { try ModelFolder.configuration(at: settings.student) }
  }

  private func student(
    _ sizes: DecoderConfiguration, _ window: Int, _ precision: Precision, _ workers: Workers
  ) throws(Failure) -> any LanguageModel {
    if FileSystem.isFolder(path: settings.student) {
      return try ModelInputs.model(settings.student, window: window, precision, workers)
    }
    return try at(settings.student) {
      let decoder = try sizes.makeModel(window: window, precision: precision, workers: workers)
      decoder.initialize(seed: settings.seed)
      return decoder
    }
  }

  private func checkVocabulary(
    _ decoder: any LanguageModel, _ tokens: TokenStore
  ) throws(Failure) {
    let ids = decoder.configuration.vocabularySize
    try at(settings.student) { try VocabularyFit.check(tokens, model: ids) }
    ModelInputs.notePadding(settings.student, ids: ids, other: tokens.vocabularySize)
  }

  private func heldOut(
    _ decoder: any LanguageModel, _ feed: FeedConfiguration, limit: Int
  ) throws(Failure) -> HeldOut? {
    guard let path = settings.heldOut else { return nil }
    let tokens = try ModelInputs.tokens(path)
    return try at(path) {
      try HeldOut(
        decoder, tokens: tokens, feed: feed, interval: settings.evaluateEvery ?? 100,
        limit: limit)
    }
  }

  private func train(
    _ trainer: Trainer, _ heldOut: HeldOut?, _ head: TrainHead, _ log: TrainLog
  ) throws {
    let (course, start) = (trainer.configuration, trainer.step)
    if start == course.steps { return Console.note("reflux: all \(start) steps are done") }
    try log.begin(head.facts)
    if start > 0 { Console.note("reflux: going on from the checkpoint of step \(start)") }
    let recorder = RunRecorder(
      try self.log(step: start), course, interval: settings.logSteps,
      heldOut: heldOut)
    let progress = Progress(
      "train", unit: "tokens", total: course.steps * trainer.tokensPerStep,
      start: start * trainer.tokensPerStep, isQuiet: verb.showing.quiet,
      showsLines: !log.isShown)
    trainer.onCheckpoint = { () throws(TrainingError) in try recorder.sync() }
    trainer.onStall = { Console.note("reflux: no batch for a minute: \($0)") }
    var skipped = 0
    var note = TrainingNote()
    let outcome = try named(trainer) {
      try trainer.run { report in
        skipped = report.skippedWindows
        progress.update(to: report.tokens, note: note.text(after: report))
        guard let row = try recorder.record(report) else { return }
        note.heldOutLoss = row.heldOut?.lmLoss ?? note.heldOutLoss
        progress.update(to: report.tokens, note: note.text)
        try log.add(row)
      } shouldStop: {
        Interruption.isRequested
      }
    }
    try at(settings.output) { try recorder.sync() }
    progress.finish()
    if skipped > 0 {
      Console.note(
        "reflux: \(skipped) windows with damaged blocks were skipped; see 'reflux verify'")
    }
    if case .interrupted(let step) = outcome {
      throw Failure.interrupted(
        path: settings.output,
        "step \(step) is in checkpoint.safetensors; run the same command again to go on")
    }
  }

  /// Runs `body`; its error names the file it is about.
  private func named<Result>(
    _ trainer: Trainer, _ body: () throws -> Result
  ) throws(Failure) -> Result {
    do { return try body() } catch {
      switch error {
      case FeedError.tokens: throw Failure(error, at: settings.data.name)
      case FeedError.samples: throw Failure(error, at: settings.data.samples)
      case FeedError.blended: throw Failure(error, at: settings.data.name)
      case TrainingError.file: throw Failure(error, at: trainer.checkpointPath)
      default: throw Failure(error, at: settings.output)
      }
    }
  }
}
