public import RefluxEvaluation
internal import RefluxMemory
public import RefluxModel
internal import RefluxModelFiles
public import RefluxPipeline
public import RefluxStorage

/// Evaluation of a student on held-out tokens while it is trained.
///
/// It only reads the weights: a run with it gives the bits of one without. Memory: that of an
/// ``Evaluator`` for a batch of the training's size, besides the training's own.
public final class HeldOut {
  /// Steps from one evaluation to the next.
  public let interval: Int
  private let evaluator: Evaluator
  private let tokens: TokenStore
  private let limit: Int

  /// - Parameters:
  ///   - feed: the training's: windows are cut as there.
  ///   - interval: steps, at least 1.
  ///   - limit: the most positions of an evaluation; the last window is cut there.
  /// - Throws: ``TrainingError`` where the tokens do not fit the model or have no label, so that
  ///   nothing is trained before it is known.
  public init(
    _ model: any LanguageModel, tokens: TokenStore, feed: FeedConfiguration, interval: Int,
    limit: Int = .max
  ) throws(TrainingError) {
    try TrainingError.require("steps between evaluations", interval, 1...Int.max)
    do {
      try VocabularyFit.check(tokens, model: model.configuration.vocabularySize)
    } catch { throw .modelFiles(error) }
    if tokens.count < 2 { throw .tooFewTokens(found: tokens.count, needed: 2) }
    self.interval = interval
    self.tokens = tokens
    self.limit = limit
    do {
      evaluator = try Evaluator(
        model, window: feed.window, packing: feed.packing, batch: feed.batch)
    } catch { throw .evaluation(error) }
  }

  /// The figures of the weights as they are.
  public func evaluate() throws -> EvaluationReport { try evaluator.run(tokens, limit: limit) }
}
