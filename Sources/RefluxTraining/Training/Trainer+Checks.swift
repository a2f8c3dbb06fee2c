internal import RefluxKernels
internal import RefluxModel
internal import RefluxPipeline
internal import RefluxStorage

extension Trainer {
  /// Refuses parts that do not belong together, naming both sides.
  static func check(
    _ configuration: TrainingConfiguration, _ decoder: Decoder<Element>,
    _ sources: [FeedSource], _ teacher: Decoder<Element>?
  ) throws(TrainingError) {
    let (objective, vocabulary) = (configuration.objective, decoder.configuration.vocabularySize)
    try configuration.validate(shares: sources.map(\.alpha))
    try decoder.requireWindow(configuration.window)
    for source in sources {
      try VocabularyFit.check(source.tokens, model: vocabulary)
      if objective.needsSamples { try check(configuration, source, vocabulary) }
    }
    if objective.needsTeacher {
      guard let teacher else { throw .missing(what: "a teacher model", objective: objective) }
      let ids = teacher.configuration.vocabularySize
      try VocabularyFit.check(teacher: ids, student: vocabulary)
      for source in sources { try VocabularyFit.check(source.tokens, model: ids) }
      try teacher.requireWindow(configuration.window)
    }
  }

  /// Windows and packing are the feed's to check.
  private static func check(
    _ configuration: TrainingConfiguration, _ source: FeedSource, _ vocabulary: Int
  ) throws(TrainingError) {
    let objective = configuration.objective
    guard let samples = source.samples else {
      throw .missing(what: "a sample store", objective: objective)
    }
    try samples.check(for: source.tokens, model: vocabulary)
    let estimator = samples.provenance.estimator
    let isTopK = estimator == "topk" || estimator == "topp"
    if isTopK != objective.needsTopSets {
      throw .samplesDoNotFit(found: estimator, objective: objective)
    }
  }

  /// Settings, the student at its start, tokens, and what the targets come from.
  static func identity(
    _ configuration: TrainingConfiguration, _ student: Decoder<Element>,
    _ sources: [FeedSource], _ plan: FeedPlan, _ teacher: Decoder<Element>?
  ) -> RunIdentity {
    var identity = configuration.identity + " products=\(Element.name)"
    identity += " student=\(hexadecimal(student.fingerprint))"
    for source in sources {
      identity += " tokens=\(hexadecimal(source.tokens.fingerprint))"
      if let samples = source.samples {
        identity += " samples=\(hexadecimal(samples.fingerprint))"
      }
      if source.tokenWeight != 1 { identity += " weight=\(source.tokenWeight)" }
      if let alpha = source.alpha { identity += " alpha=\(alpha)" }
    }
    // Shares and phases are the plan's.
    if sources.count > 1 { identity += " plan=\(hexadecimal(plan.fingerprint))" }
    if let teacher { identity += " teacher=\(hexadecimal(teacher.fingerprint))" }
    return RunIdentity(text: identity)
  }
}

extension FeedSource {
  /// What an objective reads of it: parts that decide nothing are left out.
  func read(by objective: Objective) -> FeedSource {
    var source = self
    if !objective.needsSamples { source.samples = nil }
    if objective == .ce { source.alpha = nil }
    return source
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
