package import RefluxLosses
package import RefluxStorage

extension MassRounding {
  /// How far the probabilities of a row made elsewhere may come to more than 1: what float16 rounds
  /// is well below.
  package static var foreign: Double { 0.01 }
}

extension SampleStore {
  /// How far the mass of a set may exceed 1: by the rounding of the weights here, and by that of
  /// the file that they came from.
  package var massRounding: MassRounding {
    MassRounding(
      relative: MassRounding.foreign + values.relativeError, absolute: values.absoluteError)
  }

  /// Refuses sets of other tokens, or with ids for which a model of `vocabulary` ids has no row.
  package func check(for tokens: TokenStore, model vocabulary: Int) throws(ModelFilesError) {
    do { try check(against: tokens) } catch { throw .store(error) }
    try VocabularyFit.check(self, model: vocabulary)
  }
}
