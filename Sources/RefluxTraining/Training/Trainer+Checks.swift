internal import RefluxModel
internal import RefluxStorage

extension Trainer {
  /// Refuses parts that do not belong together, naming both sides.
  static func check(
    _ configuration: TrainingConfiguration, _ decoder: Decoder<Element>, _ tokens: TokenStore,
    _ samples: SampleStore?, _ teacher: Decoder<Element>?
  ) throws(TrainingError) {
    let (objective, vocabulary) = (configuration.objective, decoder.configuration.vocabularySize)
    if vocabulary != tokens.vocabularySize {
      throw .vocabulary(found: vocabulary, expected: tokens.vocabularySize)
    }
    if objective.needsTeacher {
      guard let teacher else { throw .missing(what: "a teacher model", objective: objective) }
      let found = teacher.configuration.vocabularySize
      if found != vocabulary { throw .vocabulary(found: found, expected: vocabulary) }
    }
    if objective.needsSamples {
      guard let samples else { throw .missing(what: "a sample store", objective: objective) }
      try check(samples, tokens, configuration)
    }
  }

  private static func check(
    _ samples: SampleStore, _ tokens: TokenStore, _ configuration: TrainingConfiguration
  ) throws(TrainingError) {
    do { try samples.check(against: tokens) } catch { throw .store(error) }
    let (facts, objective) = (samples.provenance, configuration.objective)
    if facts.contextLength != configuration.window {
      throw .context(found: configuration.window, expected: facts.contextLength)
    }
    let isTopK = facts.estimator == "topk" || facts.estimator == "topp"
    if isTopK != (objective == .topk) {
      throw .samplesDoNotFit(found: facts.estimator, objective: objective)
    }
  }
}
