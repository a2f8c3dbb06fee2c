internal import RefluxBytes
internal import RefluxFiles

/// How the files of a corpus are found.
public struct CorpusSearch: Sendable {
  /// Files and folders that are left out wherever they are found, for example the output's own.
  public var excluded: [String] = []
  /// Whether links to files are read.
  public var followsLinks = true
  /// Whether what cannot be read is left out and counted; otherwise it ends the search.
  public var skipsUnreadable = false
  /// How documents lie in all files; nil goes by their names.
  public var layout: TextFile.Layout?
  /// The member of a JSON line that holds the text.
  public var field = "text"

  /// The folder with room for what comes through standard input or a pipe.
  public var streamFolder = "."
  /// Asked while a stream is read.
  public var isInterrupted: @Sendable () -> Bool = { false }

  /// All that can be read.
  public init() {}

  private(set) var files: [TextFile] = []
  private(set) var passedOver = PassedOver()

  /// Takes a file that was named.
  mutating func take(file path: String) throws(RecipeError) {
    if MappedFile.isStream(path: path) { return try take(stream: path) }
    let mapped = try TextCorpus.map(SystemPath(path))
    if mapped.count == 0 { throw .emptyFile(path: path, expected: "text") }
    let content = content(mapped)
    if content != .text { throw .noTextFile(path: path, content) }
    add(SystemPath(path), mapped)
  }

  private mutating func take(stream path: String) throws(RecipeError) {
    guard let layout else { throw .streamWithoutLayout(path: path) }
    let found: MappedFile?
    do {
      found = try MappedFile.reading(
        stream: path, folder: streamFolder, isInterrupted: isInterrupted)
    } catch { throw .file(path: path, error) }
    guard let found else { throw .interrupted }
    if found.count == 0 { throw .emptyFile(path: path, expected: "text") }
    let content = content(found)
    if content != .text { throw .noTextFile(path: path, content) }
    files.append(
      TextFile(SystemPath(path), byteCount: found.count, layout: layout, stream: found))
  }

  /// Takes the files below a folder.
  mutating func take(folder path: String) throws(RecipeError) {
    let before = files.count
    let identities = Set(excluded.compactMap { FileIdentity(path: $0) })
    let walk = FolderWalk(SystemPath(path), excluding: identities, hidesDots: true)
    try walk.visit { item throws(RecipeError) in try take(item) }
    if files.count == before {
      throw .noText(path: path, binaryFiles: passedOver.binaryFiles)
    }
  }

  private mutating func take(_ item: FolderWalk.Item) throws(RecipeError) {
    switch item.kind {
    case .hidden: passedOver.add(.hidden, "\(item.path)")
    case .folderLink: passedOver.add(.link, "\(item.path)")
    case .special: passedOver.add(.special, "\(item.path)")
    case .unreadable(let error): try refuse(item.path, error)
    case .file(let isLink):
      if isLink && !followsLinks { return passedOver.add(.link, "\(item.path)") }
      let mapped: MappedFile
      do { mapped = try MappedFile(at: item.path, isText: true) } catch {
        return try refuse(item.path, error)
      }
      if mapped.count == 0 { return passedOver.add(.empty, "\(item.path)") }
      let content = content(mapped)
      if content != .text { return passedOver.add(.content(content), "\(item.path)") }
      add(item.path, mapped)
    }
  }

  private mutating func refuse(_ path: SystemPath, _ error: FileError) throws(RecipeError) {
    if !skipsUnreadable { throw .file(path: "\(path)", error) }
    passedOver.add(.unreadable, "\(path)")
  }

  private mutating func add(_ path: SystemPath, _ mapped: MappedFile) {
    let name = "\(path)"
    var layout = layout ?? TextFile.layout(name)
    if layout == nil, TextFile.holdsLines(name, mapped.bytes, field: field) { layout = .jsonLines }
    files.append(TextFile(path, byteCount: mapped.count, layout: layout ?? .document))
  }

  /// What a file holds; where its layout was given, an array is text like any other.
  private func content(_ file: MappedFile) -> FileContent {
    let count = min(file.count, FileContent.startBytes)
    let content = FileContent(start: [UInt8](file.bytes.extracting(0..<count)))
    return content == .jsonArray && layout != nil ? .text : content
  }
}
