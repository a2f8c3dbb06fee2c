public import RefluxStorage

/// Whether the ids of stores and the tables of models are of one vocabulary, which may be padded
/// differently: ids at or above the smaller size are padding where no token and no stored id is
/// there.
///
/// A model's softmax is over its own whole table, as in `transformers`: what it gives to padding
/// counts as given away, and training unlearns it. A teacher's distribution is taken over the ids
/// that the student, or the store, has: as if the rest of its table were masked.
public enum VocabularyFit {
  /// Checks that a model can read a store's ids.
  ///
  /// - Throws: `vocabulary` where the sizes are not of one vocabulary, `idInPadding` where a token
  ///   has no row.
  /// - Complexity: one pass over the tokens where the model has fewer ids than the store.
  public static func check(_ tokens: TokenStore, model vocabulary: Int) throws(ModelFilesError) {
    try check(vocabulary, tokens.vocabularySize)
    if tokens.vocabularySize <= vocabulary { return }
    let largest: Int
    do { largest = try tokens.largestID() } catch { throw .store(error) }
    try refuse(largest, beyond: vocabulary)
  }

  /// The same for the sets of a sample store.
  public static func check(_ samples: SampleStore, model vocabulary: Int) throws(ModelFilesError) {
    try check(vocabulary, samples.vocabularySize)
    if samples.vocabularySize <= vocabulary { return }
    let largest: Int
    do { largest = try samples.largestID() } catch { throw .store(error) }
    try refuse(largest, beyond: vocabulary)
  }

  /// The same for two models.
  public static func check(teacher: Int, student: Int) throws(ModelFilesError) {
    try check(teacher, student)
  }

  /// What is padding, in words; nil where the sizes agree.
  ///
  /// - Parameters:
  ///   - model: ids of the table of a model.
  ///   - other: ids of the store, or of the other model.
  public static func note(model: Int, other: Int) -> String? {
    if model == other { return nil }
    let ids = "ids \(min(model, other)) to \(max(model, other) - 1)"
    return model > other
      ? "\(ids) of its table are padding: the tokens have \(other) ids"
      : "\(ids) are padding of the tokens' vocabulary, for which its table has no rows"
  }

  private static func check(_ found: Int, _ expected: Int) throws(ModelFilesError) {
    if !PaddedVocabulary.mayBeOne(found, expected) {
      throw .vocabulary(found: found, expected: expected)
    }
  }

  private static func refuse(_ largest: Int, beyond vocabulary: Int) throws(ModelFilesError) {
    if largest >= vocabulary { throw .idInPadding(found: largest, vocabulary: vocabulary) }
  }
}
