internal import RefluxBytes
internal import RefluxFiles

/// The text that goes into a token store: files in a fixed order.
///
/// A path that names a file is taken as it is. A path that names a folder stands for the plain
/// files below it in bytewise order of their names, without hidden ones (a name that starts with
/// a dot), empty ones and binary ones (a zero byte in the first 8 KiB). Files whose name ends in
/// `.jsonl` or `.ndjson` hold one document per line; every other file is one document, taken byte
/// for byte.
public struct TextCorpus: Sendable {
  /// The files, in the order of their documents.
  public let files: [TextFile]
  /// Binary files that were passed over in folders.
  public let binaryFiles: Int

  /// All bytes of all files, as found when the corpus was made.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// Finds the files.
  ///
  /// - Parameters:
  ///   - paths: files and folders.
  ///   - excluded: paths in folders that are left out, for example the output's own.
  /// - Throws: `file` for a path that cannot be opened, `emptyFile` for a named file without
  ///   bytes, `noText` for a named folder without text.
  /// - Complexity: opens every file and reads the first 8 KiB of those in folders.
  public init(paths: [String], excluding excluded: Set<String> = []) throws(RecipeError) {
    var files: [TextFile] = []
    var binaryFiles = 0
    for path in paths {
      if FileSystem.isFolder(path: path) {
        let found = try Self.search(path, excluding: excluded)
        files += found.files
        binaryFiles += found.binaryFiles
      } else {
        let bytes = try Self.map(path).count
        if bytes == 0 { throw .emptyFile(path: path, expected: "text") }
        files.append(TextFile(path: path, byteCount: bytes))
      }
    }
    self.init(files: files, binaryFiles: binaryFiles)
  }

  /// A corpus of exactly these files, for example a part of another one.
  public init(files: [TextFile], binaryFiles: Int = 0) {
    self.files = files
    self.binaryFiles = binaryFiles
  }

  private static func search(
    _ folder: String, excluding excluded: Set<String>
  ) throws(RecipeError) -> TextCorpus {
    var files: [TextFile] = []
    var binaryFiles = 0
    for path in try list(folder) where !excluded.contains(path) && !isHidden(path, in: folder) {
      let file = try map(path)
      if file.count == 0 { continue }
      if isBinary(file) {
        binaryFiles += 1
      } else {
        files.append(TextFile(path: path, byteCount: file.count))
      }
    }
    if files.isEmpty { throw .noText(path: folder, binaryFiles: binaryFiles) }
    return TextCorpus(files: files, binaryFiles: binaryFiles)
  }

  private static func list(_ folder: String) throws(RecipeError) -> [String] {
    do { return try FileSystem.listFiles(path: folder) } catch {
      throw .file(path: folder, error)
    }
  }

  static func map(_ path: String) throws(RecipeError) -> MappedFile {
    do { return try MappedFile(path: path) } catch { throw .file(path: path, error) }
  }

  private static func isHidden(_ path: String, in folder: String) -> Bool {
    path.dropFirst(folder.count).split(separator: "/").contains { $0.hasPrefix(".") }
  }

  private static func isBinary(_ file: MappedFile) -> Bool {
    let bytes = file.bytes
    for offset in 0..<min(8192, bytes.byteCount) where bytes.byte(at: offset) == 0 { return true }
    return false
  }
}
