internal import RefluxBytes
public import RefluxFiles
internal import RefluxJSON

/// One file of a corpus.
public struct TextFile: Sendable {
  /// How documents lie in a file.
  public enum Layout: String, Sendable, CaseIterable {
    /// The whole file is one document.
    case document = "text"
    /// Each line is a JSON object; a string in it is one document.
    case jsonLines = "jsonl"
  }

  /// Where the file is, as the corpus named or found it.
  public var path: String { "\(location)" }
  /// The same for the system, to which names are bytes.
  public let location: SystemPath
  /// From the name, where nobody says: `.jsonl` and `.ndjson` hold JSON lines, any other file one
  /// document.
  public let layout: Layout
  /// The size when the corpus was made.
  public let byteCount: Int
  /// What came through a stream, which cannot be opened again.
  private let stream: MappedFile?

  /// Creates a file whose layout follows from its name.
  public init(path: String, byteCount: Int) {
    location = SystemPath(path)
    layout = Self.layout(path) ?? .document
    self.byteCount = byteCount
    stream = nil
  }

  init(_ location: SystemPath, byteCount: Int, layout: Layout, stream: MappedFile? = nil) {
    self.location = location
    self.byteCount = byteCount
    self.layout = layout
    self.stream = stream
  }

  func map() throws(RecipeError) -> MappedFile {
    if let stream { return stream }
    return try TextCorpus.map(location)
  }

  /// What the name says of the layout; nil where it does not.
  static func layout(_ path: String) -> Layout? {
    let name = path.lowercased()
    return name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") ? .jsonLines : nil
  }

  /// Whether a file whose name says JSON is JSON lines all the same: its first line is an object
  /// whose `field` is a string.
  static func holdsLines(_ path: String, _ bytes: RawSpan, field: String) -> Bool {
    guard path.lowercased().hasSuffix(".json") else { return false }
    var (start, end) = (bytes.startsWithMark ? 3 : 0, 0)
    while start < bytes.byteCount, bytes.byte(at: start) <= 0x20 { start += 1 }
    end = start
    while end < bytes.byteCount, bytes.byte(at: end) != 0x0A { end += 1 }
    let line = [UInt8](bytes.extracting(start..<end))
    guard case .text = try? JSONMemberText(of: field, in: line.span).content else { return false }
    return true
  }
}

extension RawSpan {
  /// Whether the byte order mark of UTF-8 stands at the start.
  var startsWithMark: Bool {
    byteCount >= 3 && byte(at: 0) == 0xEF && byte(at: 1) == 0xBB && byte(at: 2) == 0xBF
  }
}
