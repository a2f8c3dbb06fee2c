public import RefluxCapture
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxModel

/// A teacher, or logits made elsewhere, and tokens in; a sample store out.
///
/// Memory: the teacher, one group of windows and the sets of two; a capture that does not fit is
/// refused before it begins.
public struct CacheRecipe: Sendable {
  /// What was asked for.
  public var settings: CacheSettings
  /// What captures, for the store's provenance and the settings beside it.
  public var software = "reflux"
  /// When, in seconds since 1970, for the provenance; 0 for unknown.
  public var created = 0
  /// An older store may be replaced.
  public var replaces = false
  /// Other files that whoever runs the recipe reads, and that no output may lie over.
  public var inputs: [String] = []
  /// Notes first what the capture is going to come to, by a few windows.
  public var forecasts = false
  /// What the store calls the teacher; its folder where nil.
  var teacherName: String?
  /// Leaves the settings beside the store.
  var keepsSettings = true

  /// Nothing is opened before the recipe runs.
  public init(_ settings: CacheSettings) { self.settings = settings }

  /// Checks that the outputs may be written.
  ///
  /// - Throws: `output`.
  public func checkOutputs() throws(RecipeError) {
    let read = [settings.teacher, settings.logits, settings.tokens].compactMap { $0 }
    do throws(OutputError) {
      try OutputGate(reading: read + inputs, replaces: replaces).check(
        file: settings.output, as: .samples)
      if !keepsSettings { return }
      // The settings may be read from where they are written.
      try OutputGate(reading: read, replaces: replaces).check(file: settingsPath, as: .runFile)
    } catch {
      throw .output(error)
    }
  }

  /// Captures, or resumes an unfinished store of the same settings.
  ///
  /// - Parameter observer: hears of tokens and notes.
  /// - Returns: the figures of the store; nil where the observer asked for the end: what was
  ///   written is kept.
  /// - Throws: ``RecipeError`` with the file it is about; `interrupted` before anything is written.
  public func run(_ observer: StageObserver = .silent) throws -> CaptureReport? {
    try checkOutputs()
    return try opened(observer) { try CacheRun(self, $0, observer).run() }
  }

  /// Captures a few windows to say what all of them come to; nothing is written.
  ///
  /// - Throws: ``RecipeError``; `interrupted` where the observer asked for it.
  public func forecast(_ observer: StageObserver = .silent) throws -> CacheForecast {
    try opened(observer) { try CacheRun(self, $0, observer).forecast() }
  }

  /// The settings lie beside the store, which is one file and has no room for them.
  var settingsPath: String { settings.output + "." + RunFolder.settingsName }

  private func opened<Result>(
    _ observer: StageObserver, _ body: (CacheSource) throws -> Result
  ) throws -> Result {
    if let logits = settings.logits {
      return try body(CacheSource(self, logits: logits, observer))
    }
    guard let folder = settings.teacher else { preconditionFailure("settings are checked") }
    return try body(CacheSource(self, teacher: folder, observer))
  }
}
