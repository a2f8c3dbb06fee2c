public import RefluxEvaluation
internal import RefluxKernels
internal import RefluxModel

/// A model and held-out tokens in, figures out.
///
/// Memory: that of the model, the teacher and a few windows; an evaluation that does not fit is
/// refused before it begins.
public struct EvaluateRecipe: Sendable {
  /// What was asked for; its page is for whoever shows the figures to write.
  public var settings: EvaluateSettings

  /// Nothing is opened before the recipe runs.
  public init(_ settings: EvaluateSettings) { self.settings = settings }

  /// Measures.
  ///
  /// - Parameter observer: hears of tokens, of windows of gradients, and notes.
  /// - Throws: ``RecipeError`` with the file it is about; `interrupted` where the observer asked
  ///   for it.
  public func run(_ observer: StageObserver = .silent) throws -> EvaluateResult {
    try EvaluateRun(
      settings: settings, modelling: settings.compute.modelling(), observer: observer
    ).run()
  }
}

/// What an evaluation found.
public struct EvaluateResult: Sendable {
  /// The figures.
  public let report: EvaluationReport
  /// The angles between gradients; nil where none were asked for.
  public let gradients: [GradientAngle]?
  /// The objectives that were asked for.
  public let objectives: [ObjectiveValue]
}
