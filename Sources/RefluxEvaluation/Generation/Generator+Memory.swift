public import RefluxMemory
public import RefluxModel

extension Generator {
  /// What drawing a text takes, the models included, before any of it is taken.
  ///
  /// - Parameters:
  ///   - model, draft: the sizes of the models.
  ///   - positions: the most tokens of prompt and answer together.
  ///   - workers: the team that is going to run it.
  /// - Throws: where the sizes are impossible or have fewer positions.
  public static func memory(
    of model: DecoderConfiguration, draft: DecoderConfiguration? = nil, positions: Int,
    draftLength: Int = 4, workers: Workers
  ) throws(ModelError) -> MemoryNeed {
    var (need, decoder) = try Decoder<Element>.measured(
      model, window: positions, workers: workers)
    var second: Decoder<Element>?
    if let draft {
      let (more, decoder) = try Decoder<Element>.measured(
        draft, window: positions, workers: workers)
      need += more
      second = decoder
    }
    return need
      + Arena.measure {
        _ = Generator(decoder, positions: positions, draft: second, draftLength: draftLength)
      }
  }
}
