/// One file of a corpus.
public struct TextFile: Sendable, Equatable {
  /// How documents lie in a file.
  public enum Layout: Sendable, Equatable {
    /// The whole file is one document.
    case document
    /// Each line is a JSON object; a string in it is one document.
    case jsonLines
  }

  /// Where the file is, as the corpus named or found it.
  public let path: String
  /// From the name: `.jsonl` and `.ndjson` hold JSON lines, any other file one document.
  public let layout: Layout
  /// The size when the corpus was made.
  public let byteCount: Int

  /// Creates a file whose layout follows from its name.
  public init(path: String, byteCount: Int) {
    self.path = path
    self.byteCount = byteCount
    let name = path.lowercased()
    let isLines = name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson")
    layout = isLines ? .jsonLines : .document
  }
}
