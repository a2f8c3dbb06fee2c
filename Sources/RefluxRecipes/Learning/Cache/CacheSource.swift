internal import RefluxCapture
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxModel
internal import RefluxModelFiles
public import RefluxSettings
internal import RefluxStorage

/// A capture that is ready to run, and what it reads.
struct CacheSource {
  let capture: Capture
  let configuration: CaptureConfiguration
  let tokens: TokenStore
  /// The teacher's folder, or the file of logits.
  let path: String
  /// Windows of a forecast.
  let trialWindows: Int

  /// With a teacher.
  init(
    _ recipe: CacheRecipe, teacher folder: String, _ observer: StageObserver
  ) throws(RecipeError) {
    let settings = recipe.settings
    let modelling = try settings.compute.modelling()
    let tokens = try ModelInputs.tokens(settings.tokens)
    let sizes = try ModelInputs.configuration(folder)
    try ModelInputs.requireOneTokenizer(
      [
        TokenizerClaim(tokens: tokens, name: settings.tokens),
        ModelInputs.tokenizerClaim(folder),
      ], observer: observer)
    let context = ModelInputs.window(settings.context, sizes: sizes)
    let configuration = try recipe.configuration(
      recipe.teacherName ?? folder, context: context, tokens: tokens)
    try Self.requireMemory(configuration, folder, modelling)
    let teacher = try ModelInputs.model(folder, window: context, modelling)
    let isChosen = settings.context != nil || context >= sizes.positions
    observer.note(.windows(tokens: context, possible: isChosen ? nil : sizes.positions))
    capture = try naming(folder) {
      try Capture(configuration, teacher: teacher, tokens: tokens)
    }
    ModelInputs.notePadding(
      folder, ids: sizes.vocabularySize, other: tokens.vocabularySize, to: observer)
    (self.configuration, self.tokens) = (configuration, tokens)
    (path, trialWindows) = (folder, max(4, modelling.workers.count))
  }

  /// With logits that were made elsewhere.
  init(
    _ recipe: CacheRecipe, logits file: String, _ observer: StageObserver
  ) throws(RecipeError) {
    let settings = recipe.settings
    let tokens = try ModelInputs.tokens(settings.tokens)
    var configuration = try recipe.configuration(
      FileSystem.name(of: file), context: settings.context ?? 1, tokens: tokens)
    // Groups of about as many tokens as with a teacher.
    configuration.batch = max(4096 / configuration.context, 1)
    capture = try naming(file) { [configuration] in
      let logits = try LogitsFile(path: file, tensor: settings.tensor)
      if !logits.knowsSum { observer.note(.noSum(path: file)) }
      return try Capture(
        configuration, logits: logits, tokens: tokens, workers: settings.compute.workers)
    }
    (self.configuration, self.tokens) = (configuration, tokens)
    (path, trialWindows) = (file, configuration.batch)
  }

  private static func requireMemory(
    _ configuration: CaptureConfiguration, _ folder: String, _ modelling: Modelling
  ) throws(RecipeError) {
    let sizes = try ModelInputs.sizes(folder, window: configuration.context)
    let need = try naming(folder) {
      try Capture.memory(
        configuration, teacher: sizes, precision: modelling.precision, workers: modelling.workers)
    }
    try MemoryCheck(threads: modelling.workers.count).require(
      need, for: "the capture", at: folder, advice: "lower 'context', 'rounds' or 'threads'")
  }
}

extension CacheRecipe {
  /// What is captured of so many tokens, and what the store says of it.
  fileprivate func configuration(
    _ teacher: String, context: Int, tokens: TokenStore
  ) throws(RecipeError) -> CaptureConfiguration {
    var result = CaptureConfiguration(
      sampler: settings.sampler, context: context, teacher: teacher)
    result.range = try settings.range.map { range throws(RecipeError) in
      let range = try range.resolve(count: tokens.count, path: settings.tokens)
      if range.isEmpty { throw .learning(path: settings.tokens, .emptyRange(range)) }
      return range
    }
    result.part = settings.part?.part
    result.packing = settings.packing
    result.encoding = settings.encoding
    result.level = settings.level
    result.weights = settings.weights ?? .float32
    result.extras = settings.record?.elements ?? []
    if let gamma = settings.gamma { result.gamma = gamma }
    (result.software, result.created) = (software, created)
    result.notes = Dictionary(uniqueKeysWithValues: settings.notes.map { ($0.key, $0.value) })
    return result
  }
}

extension RecordRange {
  /// The records themselves in a store of `count`.
  ///
  /// - Throws: `learning` where the store ends before the range does.
  public func resolve(count: Int, path: String) throws(RecipeError) -> Range<Int> {
    let end = upper ?? max(lower, count)
    if end <= count { return lower..<end }
    throw .learning(path: path, .outOfRange(lower..<end, records: count))
  }
}
