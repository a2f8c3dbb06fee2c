internal import RefluxKernels
internal import RefluxStorage

extension SampleStore {
  /// How far the mass of a set may exceed 1: by the rounding of the weights here, and by that of
  /// the file that they came from.
  var massRounding: MassRounding {
    MassRounding(
      relative: TopSource.foreignRounding + values.relativeError, absolute: values.absoluteError)
  }

  /// Refuses sets of other tokens, or with ids for which a model of `vocabulary` ids has no row.
  func check(for tokens: TokenStore, model vocabulary: Int) throws(TrainingError) {
    do { try check(against: tokens) } catch { throw .store(error) }
    try VocabularyFit.check(self, model: vocabulary)
  }
}
