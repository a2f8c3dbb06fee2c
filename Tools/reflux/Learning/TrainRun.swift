import RefluxFiles
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTokens
import RefluxTraining

/// The steps of `train`.
struct TrainRun: ComputeBody {
  let verb: TrainVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    var stores = try FeedStores(verb.data)
    let sizes = try studentSizes()
    let window = verb.window ?? stores.context ?? ModelInputs.window(nil, sizes: sizes)
    let settings = try configuration(&stores, window)
    if verb.loss == .ce, stores.sources.contains(where: { $0.alpha != nil }) {
      Console.note("reflux: \(verb.data.name): 'alpha' changes nothing with --loss ce")
    }
    let tokens = stores.sources[0].tokens
    let tokenizer = try TrainTokenizer(
      verb: verb, tokens: tokens, path: stores.sources[0].name
    ).find()
    let decoder: Decoder<Element> = try student(sizes, window, workers)
    try checkVocabulary(decoder, tokens)
    let teacher: Decoder<Element>? = try verb.teacher.map { path throws(Failure) in
      try ModelInputs.decoder(path, window: window, workers)
    }
    let heldOut = try heldOut(decoder, settings.feed)
    let checkpoint = verb.output + "/checkpoint.safetensors"
    let trainer = try at(verb.data.samples ?? verb.data.name) {
      try Trainer(
        settings, decoder: decoder, sources: stores.sources, teacher: teacher,
        checkpointPath: checkpoint)
    }
    let goesOn = try at(checkpoint) { try trainer.restoreCheckpoint() }
    if verb.resume && !goesOn {
      throw Failure(
        path: checkpoint, "there is no checkpoint to go on from; leave out --resume to start")
    }
    try at(verb.output) { try FileSystem.createDirectory(path: verb.output) }
    try train(trainer, heldOut)
    try at(ModelFolder.weightsPath(verb.output)) {
      try ModelFolder.save(
        decoder, to: verb.output, tokenizer: tokenizer?.json(), format: verb.weightFormat)
    }
  }

  private func configuration(
    _ stores: inout FeedStores, _ window: Int
  ) throws(Failure) -> TrainingConfiguration {
    var settings = verb.configuration(window: window, steps: verb.steps ?? 1)
    verb.data.apply(to: &settings.feed, stores)
    let plan = try stores.plan(&settings.feed)
    if verb.steps == nil {
      let feed = settings.feed
      settings = verb.configuration(window: window, steps: try steps(stores, plan))
      settings.feed = feed
    }
    do { try settings.validate(shares: stores.sources.map(\.alpha)) } catch {
      throw Failure(error)
    }
    return settings
  }

  /// The steps of the epochs that were asked for, or that the mix says.
  private func steps(_ stores: FeedStores, _ plan: FeedPlan) throws(Failure) -> Int {
    if verb.epochs == nil, !stores.sayEpochs {
      throw Failure(
        path: verb.data.name, "does not say 'epochs'; give --steps or --epochs", exitCode: .usage)
    }
    let epochs = verb.epochs ?? 1
    let steps = plan.steps(epochs: stores.epochs.map { epochs * $0 }, batches: verb.accumulate)
    if steps < 1 {
      throw Failure(
        path: verb.data.name,
        "\(epochs) epochs of \(plan.windowCount) windows of \(plan.window) tokens are less than a"
          + " step; use more text, a smaller --batch, --accumulate or --window",
        exitCode: .badData)
    }
    return steps
  }

  private func studentSizes() throws(Failure) -> DecoderConfiguration {
    if FileSystem.isFolder(path: verb.student) {
      return try ModelInputs.configuration(verb.student)
    }
    return try at(verb.student) { try ModelFolder.configuration(at: verb.student) }
  }

  private func student<Element: Scalar>(
    _ sizes: DecoderConfiguration, _ window: Int, _ workers: Workers
  ) throws(Failure) -> Decoder<Element> {
    // Weights, gradients and moments: two, or at least one with Muon.
    try ModelInputs.requireMemory(
      sizes, bytesPerParameter: verb.optimizer == .muon ? 12 : 16, at: verb.student)
    if FileSystem.isFolder(path: verb.student) {
      return try ModelInputs.decoder(verb.student, window: window, workers)
    }
    return try at(verb.student) {
      let decoder = try Decoder<Element>(sizes, window: window, workers: workers)
      decoder.initialize(seed: verb.seed)
      return decoder
    }
  }

  private func checkVocabulary<Element: Scalar>(
    _ decoder: Decoder<Element>, _ tokens: TokenStore
  ) throws(Failure) {
    let found = decoder.configuration.vocabularySize
    if found != tokens.vocabularySize {
      throw Failure(
        TrainingError.vocabulary(found: found, expected: tokens.vocabularySize),
        at: verb.student)
    }
  }

  private func heldOut<Element: Scalar>(
    _ decoder: Decoder<Element>, _ feed: FeedConfiguration
  ) throws(Failure) -> HeldOut<Element>? {
    guard let path = verb.watching.heldOut else { return nil }
    let tokens = try ModelInputs.tokens(path)
    return try at(path) {
      try HeldOut(
        decoder, tokens: tokens, feed: feed, interval: verb.watching.evaluateEvery ?? 100,
        limit: verb.watching.evaluateTokens ?? .max)
    }
  }

  private func train<Element: Scalar>(
    _ trainer: Trainer<Element>, _ heldOut: HeldOut<Element>?
  ) throws {
    let (settings, start) = (trainer.configuration, trainer.step)
    if start == settings.steps { return Console.note("reflux: all \(start) steps are done") }
    if start > 0 { Console.note("reflux: going on from the checkpoint of step \(start)") }
    let recorder = RunRecorder(
      try verb.watching.log(output: verb.output, step: start), settings, interval: verb.logSteps,
      heldOut: heldOut)
    let progress = Progress(
      "train", unit: "tokens", total: settings.steps * trainer.tokensPerStep,
      start: start * trainer.tokensPerStep, isQuiet: verb.showing.quiet)
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
        try TrainRun.facts(row).printRow(json: verb.printing.json)
      } shouldStop: {
        Interruption.isRequested
      }
    }
    try at(verb.output) { try recorder.sync() }
    progress.finish()
    if skipped > 0 {
      Console.note(
        "reflux: \(skipped) windows with damaged blocks were skipped; see 'reflux verify'")
    }
    if case .interrupted(let step) = outcome {
      throw Failure.interrupted(
        path: verb.output,
        "step \(step) is in checkpoint.safetensors; run the same command again to go on")
    }
  }

  /// Runs `body`; its error names the file it is about.
  private func named<Element: Scalar, Result>(
    _ trainer: Trainer<Element>, _ body: () throws -> Result
  ) throws(Failure) -> Result {
    do { return try body() } catch {
      switch error {
      case FeedError.tokens: throw Failure(error, at: verb.data.name)
      case FeedError.samples: throw Failure(error, at: verb.data.samples)
      case FeedError.blended: throw Failure(error, at: verb.data.name)
      case TrainingError.file: throw Failure(error, at: trainer.checkpointPath)
      default: throw Failure(error, at: verb.output)
      }
    }
  }

  private static func facts(_ row: MetricsRow) -> Facts {
    var facts = Facts()
    for member in row.json.members {
      if case .array = member.value {
        facts.addHidden(member.key, member.value)
      } else {
        facts.add(member.key, member.value)
      }
    }
    return facts
  }
}
