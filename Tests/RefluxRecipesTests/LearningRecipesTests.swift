import RefluxCapture
import RefluxEvaluation
import RefluxFiles
import RefluxModel
import RefluxPipeline
import RefluxRecipes
import RefluxStorage
import RefluxTokens
import RefluxTraining
import Synchronization
import TestSupport
import Testing

/// The learning verbs' work without the command: settings in, values and typed errors out.
@Suite struct LearningRecipesTests {
  let folder = TemporaryFolder()

  init() throws {
    let words = ["let ", "x", " = ", "y", "\n", "func ", "(", ")", " {\n", "}\n", "return "]
    var random = TestRandom(seed: 7)
    let text = (0..<2000).map { _ in words[Int(random.next() % UInt64(words.count))] }.joined()
    try FileSystem.writeFile(path: folder.file("text.txt"), bytes: Array(text.utf8))
    let corpus = try TextCorpus(paths: [folder.file("text.txt")])
    let tokenizer = try CorpusTrainer(vocabularySize: 280).train(corpus)
    try FileSystem.writeFile(path: folder.file("tokenizer.json"), bytes: tokenizer.json())
    _ = try TokenizeRecipe(output: folder.file("tokens.rfx")).run(corpus, tokenizer)
    let sizes = """
      {"model_type": "llama", "vocab_size": \(tokenizer.vocabularySize), "hidden_size": 16,
       "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
       "max_position_embeddings": 32, "tie_word_embeddings": true}
      """
    try FileSystem.writeFile(path: folder.file("student.json"), bytes: Array(sizes.utf8))
  }

  private var compute: ComputeSettings {
    var compute = ComputeSettings()
    (compute.precision, compute.threads) = (.float32, 2)
    return compute
  }

  private func training(steps: Int = 4) -> TrainSettings {
    var settings = TrainSettings()
    (settings.student, settings.output) = (folder.file("student.json"), folder.file("model"))
    settings.data.tokens = folder.file("tokens.rfx")
    (settings.window, settings.steps, settings.compute) = (16, steps, compute)
    settings.training.feed.batch = 2
    return settings
  }

  private func evaluation() -> EvaluateSettings {
    var settings = EvaluateSettings()
    (settings.model, settings.tokens) = (folder.file("model"), folder.file("tokens.rfx"))
    (settings.context, settings.compute) = (16, compute)
    return settings
  }

  private func capture() -> CacheSettings {
    var settings = CacheSettings()
    (settings.teacher, settings.tokens) = (folder.file("model"), folder.file("tokens.rfx"))
    (settings.output, settings.context) = (folder.file("samples.rfx"), 16)
    settings.compute = compute
    return settings
  }

  /// The error of a recipe; nil where there is none of its own.
  private func error(_ body: () throws -> Void) -> RecipeError? {
    do { try body() } catch { return error as? RecipeError }
    return nil
  }

  @Test func trainsEvaluatesCachesAndWrites() throws {
    let rows = Mutex<[TrainingRow]>([])
    var observer = StageObserver.silent
    observer.row = { row in rows.withLock { $0.append(row) } }
    #expect(try TrainRecipe(training()).run(observer) == .finished)
    let found = rows.withLock { $0 }
    guard case .outline(let outline)? = found.first else {
      Issue.record("the outline comes first")
      return
    }
    #expect(outline.tokens == 4 * 2 * 16 && outline.memoryBytes > 0)
    let steps = found.dropFirst().compactMap { row in
      if case .step(let row) = row { row.report.step } else { nil }
    }
    #expect(steps == [1, 2, 3, 4])
    let result = try EvaluateRecipe(evaluation()).run()
    #expect(result.report.lmLoss > 1 && result.gradients == nil)
    let report = try #require(try CacheRecipe(capture()).run())
    #expect(report.finished && FileSystem.exists(path: folder.file("samples.rfx.run.json")))
    var prompt = GenerateSettings()
    (prompt.model, prompt.prompt, prompt.count) = (folder.file("model"), "let ", 8)
    prompt.compute = compute
    let text = try GenerateRecipe(prompt).run()
    #expect(text.text.hasPrefix("let ") && text.tokens <= 8 && text.acceptancePercent == nil)
    #expect(try GenerateRecipe(prompt).run() == text)
  }

  /// A store that is there is a note and its figures, not a second capture.
  @Test func findsWhatIsThere() throws {
    _ = try TrainRecipe(training()).run()
    let first = try #require(try CacheRecipe(capture()).run())
    let notes = Mutex<[RecipeNote]>([])
    var observer = StageObserver.silent
    observer.note = { note in notes.withLock { $0.append(note) } }
    #expect(try CacheRecipe(capture()).run(observer)?.records == first.records)
    #expect(notes.withLock { $0 }.contains(.alreadyStored(path: folder.file("samples.rfx"))))
    #expect(try TrainRecipe(training()).run(observer) == .finished)
    #expect(notes.withLock { $0 }.contains(.allStepsDone(4)))
  }

  @Test func stopsWhereItIsAskedTo() throws {
    var observer = StageObserver.silent
    observer.isInterrupted = { true }
    #expect(try TrainRecipe(training()).run(observer) == .interrupted(step: 1))
    #expect(FileSystem.exists(path: folder.file("model/checkpoint.safetensors")))
    #expect(try TrainRecipe(training()).run() == .finished)
    guard case .interrupted? = error({ _ = try EvaluateRecipe(evaluation()).run(observer) }),
      case .interrupted? = error({ _ = try CacheRecipe(capture()).forecast(observer) })
    else {
      Issue.record("both are to be interrupted")
      return
    }
    #expect(!FileSystem.exists(path: folder.file("samples.rfx")))
  }

  @Test func forecastsWriteNothing() throws {
    let forecast = try TrainRecipe(training(steps: 100)).forecast()
    #expect(forecast.lack == nil && forecast.outline.configuration.steps == 100)
    let timing = try #require(forecast.timing)
    #expect(timing.steps >= 3 && timing.secondsPerStep > 0 && timing.evaluationSeconds == nil)
    #expect(!FileSystem.exists(path: folder.file("model")))
    _ = try TrainRecipe(training()).run()
    let size = try CacheRecipe(capture()).forecast()
    #expect(size.store.bytes > 0 && size.seconds > 0)
    #expect(!FileSystem.exists(path: folder.file("samples.rfx")))
  }

  @Test func errorsNameTheirFile() throws {
    var recipe = TrainRecipe(training())
    recipe.resumes = true
    let checkpoint = folder.file("model/checkpoint.safetensors")
    guard case .learning(checkpoint, .noCheckpoint)? = error({ _ = try recipe.run() }) else {
      Issue.record("no checkpoint")
      return
    }
    #expect(error({ _ = try EvaluateRecipe(evaluation()).run() })?.path == folder.file("model"))
    var mix = training()
    (mix.data.tokens, mix.data.mix) = (nil, folder.file("mix.json"))
    #expect(error({ _ = try TrainRecipe(mix).run() })?.path == folder.file("mix.json"))
    var endless = training()
    endless.steps = nil
    guard case .learning(_, .noLength)? = error({ _ = try TrainRecipe(endless).run() }) else {
      Issue.record("no length")
      return
    }
    try FileSystem.createDirectory(path: folder.file("model"))
    try FileSystem.writeFile(path: folder.file("model/config.json"), bytes: [0x7B])
    guard case .output(let output)? = error({ _ = try TrainRecipe(training()).run() }) else {
      Issue.record("a foreign file is in the way")
      return
    }
    #expect(output.mayBeReplaced && output.path == folder.file("model/config.json"))
  }

  @Test func plansSayWhereEachTokenComesFrom() throws {
    var settings = FeedSettings()
    (settings.data.tokens, settings.window, settings.batch) = (folder.file("tokens.rfx"), 16, 2)
    let feed = try OpenedFeed(settings)
    #expect(feed.windowsTaken(steps: feed.steps) == [2 * feed.steps])
    var records = 0
    try feed.forEachPiece(ofStep: 0) { piece in
      #expect(piece.source == folder.file("tokens.rfx"))
      records += piece.records.count
    }
    #expect(records >= 2 * 16)
    settings.position = "{}"
    guard case .learning(_, .noPosition)? = error({ _ = try OpenedFeed(settings) }) else {
      Issue.record("no position")
      return
    }
  }
}
