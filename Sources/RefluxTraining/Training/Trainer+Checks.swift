internal import RefluxKernels
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
    try decoder.requireWindow(configuration.window)
    let needed = configuration.batch * configuration.window + 1
    if tokens.count < needed { throw .tooFewTokens(found: tokens.count, needed: needed) }
    if objective.needsTeacher {
      guard let teacher else { throw .missing(what: "a teacher model", objective: objective) }
      let found = teacher.configuration.vocabularySize
      if found != vocabulary { throw .vocabulary(found: found, expected: vocabulary) }
      try teacher.requireWindow(configuration.window)
    }
    if objective.needsSamples {
      guard let samples else { throw .missing(what: "a sample store", objective: objective) }
      try samples.check(for: tokens, window: configuration.window)
      try check(samples.provenance.estimator, objective)
    }
  }

  private static func check(
    _ estimator: String, _ objective: Objective
  ) throws(TrainingError) {
    let isTopK = estimator == "topk" || estimator == "topp"
    if isTopK != objective.needsTopSets {
      throw .samplesDoNotFit(found: estimator, objective: objective)
    }
  }

  /// One line that two runs share exactly when one may go on where the other stopped: settings,
  /// the student at its start, tokens, and what the targets come from.
  static func identity(
    _ configuration: TrainingConfiguration, _ student: Decoder<Element>, _ tokens: TokenStore,
    _ samples: SampleStore?, _ teacher: Decoder<Element>?
  ) -> String {
    var identity = configuration.identity + " products=\(Element.name)"
    identity += " student=\(hexadecimal(student.fingerprint))"
    identity += " tokens=\(hexadecimal(tokens.fingerprint))"
    if let samples { identity += " samples=\(hexadecimal(samples.fingerprint))" }
    if let teacher { identity += " teacher=\(hexadecimal(teacher.fingerprint))" }
    return identity
  }
}

extension SampleStore {
  /// Refuses sets of other tokens, of another context, or with ids that the tokens' model lacks.
  func check(for tokens: TokenStore, window: Int) throws(TrainingError) {
    do { try check(against: tokens) } catch { throw .store(error) }
    // A teacher's padded ids would lie beyond the student's logits.
    if vocabularySize != tokens.vocabularySize {
      throw .vocabulary(found: tokens.vocabularySize, expected: vocabularySize)
    }
    if provenance.contextLength != window {
      throw .context(found: window, expected: provenance.contextLength)
    }
  }
}

extension Decoder {
  /// Refuses windows that the decoder was not set up for.
  func requireWindow(_ window: Int) throws(TrainingError) {
    if window > maximumWindow {
      throw .model(.windowTooLong(found: window, positions: maximumWindow))
    }
  }
}
