internal import RefluxBytes
internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxStorage

/// A token store in, a NumPy array of one axis out.
public struct NPYExport: Sendable {
  /// What an export wrote.
  public struct Summary: Equatable, Sendable {
    /// Ids in the array, which are all of the store.
    public var records: Int
    /// Bytes of one element: 2 or 4.
    public var bytesPerRecord: Int
    /// What the array does not say, in words.
    public var warnings: [String]
  }

  /// Where the array goes; an older file stays until the new one is complete.
  public var output: String

  /// Ids that are read together.
  private static let chunk = 1 << 18

  /// Nothing is opened before ``run(_:observer:)``.
  public init(output: String) {
    self.output = output
  }

  /// Reads the token store at `path` and writes the array.
  ///
  /// - Parameter observer: hears of ids.
  /// - Throws: `store` for what is wrong with the store, `file`, `interrupted`; nothing new is
  ///   then under the output's name.
  /// - Complexity: one pass over the store; memory for 262,144 ids.
  public func run(
    _ path: String, observer: RunObserver = RunObserver()
  ) throws(RecipeError) -> Summary {
    let store: TokenStore
    do { store = try TokenStore(path: path) } catch { throw .store(path: path, error) }
    let type = NPYArray.elementType(forVocabulary: store.vocabularySize)
    var file: AtomicFile
    do { file = try AtomicFile(path: output) } catch { throw .file(path: output, error) }
    do throws(RecipeError) {
      try copy(store, path: path, type: type, to: &file, observer)
    } catch {
      try? file.discard()
      throw error
    }
    do { try file.commit() } catch { throw .file(path: output, error) }
    var warnings: [String] = []
    if store.documentCount > 1 {
      warnings.append(
        "the starts of \(store.documentCount) documents are not kept; an import finds them again by"
          + " the id that ends them")
    }
    return Summary(records: store.count, bytesPerRecord: type.byteWidth, warnings: warnings)
  }

  private func copy(
    _ store: TokenStore, path: String, type: NPYElementType, to file: inout AtomicFile,
    _ observer: RunObserver
  ) throws(RecipeError) {
    let header = NPYArray.header(count: store.count, elementType: type)
    try write(header, to: &file)
    let reader = store.makeReader()
    var ids = [UInt32](repeating: 0, count: min(Self.chunk, store.count))
    var start = 0
    while start < store.count {
      if observer.isInterrupted() { throw .interrupted }
      let range = start..<min(start + Self.chunk, store.count)
      do {
        var span = ids.mutableSpan
        try reader.read(range, into: &span)
      } catch {
        throw .store(path: path, error)
      }
      try write(Self.bytes(ids[..<range.count], type), to: &file)
      observer.advanced(range.count)
      start = range.upperBound
    }
  }

  /// Ids below 65,536 in two bytes, others in four, lowest byte first.
  private static func bytes(_ ids: ArraySlice<UInt32>, _ type: NPYElementType) -> [UInt8] {
    var writer = ByteWriter(capacity: ids.count * type.byteWidth)
    for id in ids {
      if type == .uint16 { writer.write(UInt16(id)) } else { writer.write(id) }
    }
    return writer.bytes
  }

  private func write(_ bytes: [UInt8], to file: inout AtomicFile) throws(RecipeError) {
    do { try unsafe file.write(bytes.span.bytes) } catch { throw .file(path: output, error) }
  }
}
