internal import RefluxBytes
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets

extension Trainer {
  /// Refuses parts that do not belong together, naming both sides.
  static func check(
    _ configuration: TrainingConfiguration, _ decoder: any LanguageModel,
    _ sources: [FeedSource], _ teacher: (any LanguageModel)?
  ) throws(TrainingError) {
    let (name, kind) = (configuration.objective.name, configuration.kind)
    let vocabulary = decoder.configuration.vocabularySize
    try configuration.validate(shares: sources.map(\.alpha))
    try requireWindow(configuration, of: decoder)
    for source in sources {
      do { try VocabularyFit.check(source.tokens, model: vocabulary) } catch {
        throw .modelFiles(error)
      }
      if kind.isOfSets { try check(name, source, vocabulary) }
    }
    try configuration.check(blend: sources)
    do { try configuration.check(sets: sources.compactMap { $0.samples?.facts }) } catch {
      throw .objective(error)
    }
    if name == .kdSim { try checkTable(configuration, vocabulary) }
    if kind == .dense {
      guard let teacher else { throw .missing(what: "a teacher model", objective: name) }
      let ids = teacher.configuration.vocabularySize
      do {
        try VocabularyFit.check(teacher: ids, student: vocabulary)
        for source in sources { try VocabularyFit.check(source.tokens, model: ids) }
      } catch { throw .modelFiles(error) }
      try requireWindow(configuration, of: teacher)
    }
  }

  private static func checkTable(
    _ configuration: TrainingConfiguration, _ vocabulary: Int
  ) throws(TrainingError) {
    guard let table = configuration.similarities else {
      throw .missing(what: "a table of similarities", objective: configuration.objective.name)
    }
    do { try table.check(vocabularySize: vocabulary) } catch { throw .objective(error) }
  }

  private static func requireWindow(
    _ configuration: TrainingConfiguration, of decoder: any LanguageModel
  ) throws(TrainingError) {
    do { try decoder.requireWindow(configuration.window) } catch { throw .model(error) }
  }

  /// Windows and packing are the feed's to check.
  private static func check(
    _ objective: ObjectiveName, _ source: FeedSource, _ vocabulary: Int
  ) throws(TrainingError) {
    guard let samples = source.samples else {
      throw .missing(what: "a sample store", objective: objective)
    }
    do { try samples.check(for: source.tokens, model: vocabulary) } catch {
      throw .modelFiles(error)
    }
  }

  /// Settings, the student at its start, tokens, and what the targets come from.
  static func identity(
    _ configuration: TrainingConfiguration, _ student: any LanguageModel,
    _ sources: [FeedSource], _ plan: FeedPlan, _ teacher: (any LanguageModel)?
  ) -> RunIdentity {
    var identity = configuration.identity + " products=\(student.precision.rawValue)"
    identity += " student=\(hexadecimal(student.fingerprint))"
    for source in sources {
      identity += " tokens=\(hexadecimal(source.tokens.fingerprint))"
      if let samples = source.samples {
        identity += " samples=\(hexadecimal(samples.fingerprint))"
      }
      if let weights = source.weights {
        identity += " weights=\(hexadecimal(weights.fingerprint))"
      }
      if source.tokenWeight != 1 { identity += " weight=\(source.tokenWeight)" }
      if let alpha = source.alpha { identity += " alpha=\(alpha)" }
    }
    // Those that the objective needs go without saying.
    for scalar in configuration.welcomeScalars(of: sources) {
      identity += " scalars=\(scalar.rawValue)"
    }
    // Shares and phases are the plan's.
    if sources.count > 1 { identity += " plan=\(hexadecimal(plan.fingerprint))" }
    if let table = configuration.similarities {
      identity += " table=\(hexadecimal(table.fingerprint))"
    }
    if let teacher { identity += " teacher=\(hexadecimal(teacher.fingerprint))" }
    return RunIdentity(text: identity)
  }
}

extension FeedSource {
  /// What a run reads of it: parts that decide nothing are left out.
  func read(by configuration: TrainingConfiguration) -> FeedSource {
    var source = self
    if !configuration.kind.isOfSets { source.samples = nil }
    if configuration.objective.name == .ce { source.alpha = nil }
    return source
  }
}
