internal import RefluxStorage

/// A token store in the making that counts what goes in and names its path in errors.
final class StoreTarget {
  private let path: String
  private let writer: TokenStoreWriter
  private(set) var tokens = 0
  private(set) var documents = 0

  init(
    path: String, vocabularySize: Int, knownVocabulary: Int? = nil, provenance: StoreProvenance
  ) throws(RecipeError) {
    self.path = path
    do {
      var configuration = TokenStoreConfiguration(
        vocabularySize: vocabularySize, provenance: provenance)
      // Unless it is padded, every id of the vocabulary is one that the tokenizer knows.
      configuration.knownVocabulary = knownVocabulary ?? vocabularySize
      writer = try TokenStoreWriter(path: path, configuration: configuration)
    } catch {
      throw .store(path: path, error)
    }
  }

  /// Appends one document.
  func append(_ ids: Span<UInt32>) throws(RecipeError) {
    do { try writer.append(document: ids) } catch { throw .store(path: path, error) }
    tokens += ids.count
    documents += 1
  }

  /// Makes the store visible under its path.
  func seal() throws(RecipeError) -> StoreSummary {
    do { return try writer.seal() } catch { throw .store(path: path, error) }
  }
}
