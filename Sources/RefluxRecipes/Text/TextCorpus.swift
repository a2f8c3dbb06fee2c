internal import RefluxFiles

/// The text that goes into a token store: files in a fixed order.
///
/// A path that names a file is taken as it is. A path that names a folder stands for the plain
/// files below it in bytewise order of their names, without hidden ones (a name that starts with
/// a dot), empty ones and those that are no text; see ``PassedOver``. Files whose name ends in
/// `.jsonl` or `.ndjson`, and those whose first lines are JSON objects, hold one document per line;
/// every other file is one document, taken byte for byte.
public struct TextCorpus: Sendable {
  /// The files, in the order of their documents.
  public let files: [TextFile]
  /// What was found in folders and left out.
  public let passedOver: PassedOver

  /// All bytes of all files, as found when the corpus was made.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// Finds the files.
  ///
  /// - Parameters:
  ///   - paths: files and folders.
  ///   - search: what is taken of them.
  /// - Throws: `file` for what cannot be opened, `emptyFile` and `noTextFile` for a named file
  ///   without bytes or without text, `noText` for a named folder without text.
  /// - Complexity: opens every file and reads its first 8 KiB.
  public init(paths: [String], _ search: CorpusSearch = CorpusSearch()) throws(RecipeError) {
    var search = search
    for path in paths {
      if FileSystem.isFolder(path: path) {
        try search.take(folder: path)
      } else {
        try search.take(file: path)
      }
    }
    self.init(files: search.files, passedOver: search.passedOver)
  }

  /// A corpus of exactly these files, for example a part of another one.
  public init(files: [TextFile], passedOver: PassedOver = PassedOver()) {
    self.files = files
    self.passedOver = passedOver
  }

  static func map(_ path: SystemPath, isText: Bool = true) throws(RecipeError) -> MappedFile {
    do { return try MappedFile(at: path, isText: isText) } catch {
      throw .file(path: "\(path)", error)
    }
  }
}
