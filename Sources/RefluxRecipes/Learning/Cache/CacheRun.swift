internal import RefluxCapture
internal import RefluxFiles
internal import RefluxStorage

/// The steps of a capture.
struct CacheRun {
  private let recipe: CacheRecipe
  private let source: CacheSource
  private let observer: StageObserver
  private var settings: CacheSettings { recipe.settings }

  init(_ recipe: CacheRecipe, _ source: CacheSource, _ observer: StageObserver) {
    (self.recipe, self.source, self.observer) = (recipe, source, observer)
  }

  func run() throws -> CaptureReport? {
    if let found = try finished() { return found }
    if recipe.forecasts { observer.note(.forecast(try forecast())) }
    try keepSettings()
    var stage: StageObserver.Stage?
    let report = try named {
      try source.capture.run(to: settings.output, replaces: recipe.replaces) { done, total in
        // The first call says where an earlier run stopped.
        let current = stage ?? observer.begin("cache", "tokens", total, done)
        stage = current
        current.update(done, nil, nil)
        return !observer.isInterrupted()
      }
    }
    stage?.finish()
    return report.finished ? report : nil
  }

  func forecast() throws(RecipeError) -> CacheForecast {
    let trial = try naming(source.path) {
      try source.capture.trial(windows: source.trialWindows, shouldStop: observer.isInterrupted)
    }
    guard let trial, !observer.isInterrupted() else { throw .interrupted }
    return CacheForecast(
      trial, of: source.configuration, vocabularySize: source.tokens.vocabularySize)
  }

  /// The figures of a store that is there already and complete; nil where it is not.
  private func finished() throws(RecipeError) -> CaptureReport? {
    if recipe.replaces { return nil }
    let found = try naming(settings.output) { try source.capture.finished(at: settings.output) }
    if found != nil { observer.note(.alreadyStored(path: settings.output)) }
    return found
  }

  private func keepSettings() throws(RecipeError) {
    if !recipe.keepsSettings { return }
    var resolved = settings
    resolved.context = source.configuration.context
    if settings.teacher != nil { resolved.compute.precision = settings.compute.format }
    try naming(recipe.settingsPath) {
      try RunFolder.keep(resolved, at: recipe.settingsPath, software: recipe.software)
    }
  }

  /// Runs `body`; its error names the file it is about.
  private func named(_ body: () throws -> CaptureReport) throws(RecipeError) -> CaptureReport {
    do { return try body() } catch {
      let path =
        switch error {
        case CaptureError.foreignRow, CaptureError.file, CaptureError.interchange: source.path
        default: settings.output
        }
      if case StoreError.shard(let path, let error) = error { throw .store(path: path, error) }
      return try naming(path) { throw error }
    }
  }
}
