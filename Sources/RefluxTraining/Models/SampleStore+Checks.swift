internal import RefluxKernels
internal import RefluxStorage

extension SampleStore {
  /// How far the mass of a set may exceed 1: by the rounding of the weights here, and by that of
  /// the file that they came from.
  var massRounding: MassRounding {
    MassRounding(
      relative: TopSource.foreignRounding + values.relativeError, absolute: values.absoluteError)
  }

  /// Refuses sets of other tokens, or with ids that the tokens' model lacks.
  func check(for tokens: TokenStore) throws(TrainingError) {
    do { try check(against: tokens) } catch { throw .store(error) }
    // A teacher's padded ids would lie beyond the student's logits.
    if vocabularySize != tokens.vocabularySize {
      throw .vocabulary(found: tokens.vocabularySize, expected: vocabularySize)
    }
  }
}
