public import RefluxMemory
public import RefluxModel

extension Generator {
  /// What drawing a text takes, the models included, before any of it is taken.
  ///
  /// - Parameters:
  ///   - model, draft: the sizes of the models.
  ///   - positions: the most tokens of prompt and answer together.
  ///   - precision: that of both models.
  ///   - workers: the team that is going to run it.
  /// - Throws: where the sizes are impossible or have fewer positions.
  public static func memory(
    of model: DecoderConfiguration, draft: DecoderConfiguration? = nil, positions: Int,
    draftLength: Int = 4, precision: Precision, workers: Workers
  ) throws(ModelError) -> MemoryNeed {
    func measured(
      _ sizes: DecoderConfiguration
    ) throws(ModelError) -> (need: MemoryNeed, model: any LanguageModel) {
      try sizes.measureModel(window: positions, precision: precision, workers: workers)
    }
    let first = try measured(model)
    let second = try draft.map(measured)
    return first.need + (second?.need ?? MemoryNeed())
      + Arena.measure {
        _ = Generator(
          first.model, positions: positions, draft: second?.model, draftLength: draftLength)
      }
  }
}
