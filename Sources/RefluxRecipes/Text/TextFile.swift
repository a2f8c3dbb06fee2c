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
  /// From the name and the first lines, where nobody says: `.jsonl` and `.ndjson` and what looks
  /// like them hold JSON lines, any other file one document.
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

  /// Whether a file is JSON lines though its name does not say so: its first two lines are objects,
  /// or there is one alone, with a string as its `field`. In `.json` the first line with one is
  /// enough: what follows is then a line that is damaged.
  static func holdsLines(_ path: String, _ bytes: RawSpan, field: String) -> Bool {
    var start = bytes.startsWithMark ? 3 : 0
    guard let first = line(of: bytes, from: &start), first.first == UInt8(ascii: "{"),
      let content = try? JSONMemberText(of: field, in: first.span).content
    else { return false }
    if case .text = content, path.lowercased().hasSuffix(".json") { return true }
    guard let second = line(of: bytes, from: &start) else {
      if case .text = content { return true }
      return false
    }
    return second.first == UInt8(ascii: "{")
      && (try? JSONMemberText(of: field, in: second.span)) != nil
  }

  /// The first line from `start` on that has more than spaces, without those before it.
  private static func line(of bytes: RawSpan, from start: inout Int) -> [UInt8]? {
    while start < bytes.byteCount, bytes.byte(at: start) <= 0x20 { start += 1 }
    if start == bytes.byteCount { return nil }
    var end = start
    while end < bytes.byteCount, bytes.byte(at: end) != 0x0A { end += 1 }
    defer { start = end }
    return [UInt8](bytes.extracting(start..<end))
  }
}

extension RawSpan {
  /// Whether the byte order mark of UTF-8 stands at the start.
  var startsWithMark: Bool {
    byteCount >= 3 && byte(at: 0) == 0xEF && byte(at: 1) == 0xBB && byte(at: 2) == 0xBF
  }
}
