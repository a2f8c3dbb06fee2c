internal import RefluxKernels
internal import RefluxModel

/// A model and a prompt in, text out.
///
/// The same seed gives the same text. Memory: the model, the draft, and keys and values of as many
/// positions as prompt and answer can need.
public struct GenerateRecipe: Sendable {
  /// What was asked for.
  public var settings: GenerateSettings

  /// Nothing is opened before the recipe runs.
  public init(_ settings: GenerateSettings) { self.settings = settings }

  /// Draws the text.
  ///
  /// - Parameter observer: hears of notes.
  /// - Throws: ``RecipeError`` with the file it is about.
  public func run(_ observer: StageObserver = .silent) throws -> GenerateResult {
    try GenerateRun(
      settings: settings, modelling: settings.compute.modelling(), observer: observer
    ).run()
  }
}

/// A text with how it came about.
public struct GenerateResult: Sendable, Equatable {
  /// Prompt and answer.
  public let text: String
  /// Tokens of the answer.
  public let tokens: Int
  /// Tokens of the draft that the model judged, 0 without a draft.
  public let judged: Int
  /// Those of them that it took.
  public let accepted: Int

  /// Share of the judged tokens that were taken, in percent; nil where none were judged.
  public var acceptancePercent: Double? {
    judged > 0 ? 100 * Double(accepted) / Double(judged) : nil
  }
}
