public import RefluxFiles
public import RefluxJSON
public import RefluxSettings

/// The settings that a folder was made with, kept in it.
public enum RunFolder {
  /// The name of the file.
  public static let settingsName = "run.json"

  /// Writes a run's settings into its folder, which must exist, or beside a file that is made.
  ///
  /// Paths are written as seen from there, but for those that count from the root: the file works
  /// from any folder, and a tree that is moved stays whole. A file that says the same stays.
  public static func keep<Root: Settings>(
    _ settings: Root, at path: String, software: String
  ) throws(FileError) {
    let folder = FileSystem.folder(of: path)
    let rebased = settings.rebased { FileSystem.path($0, seenFrom: folder) }
    let bytes = RunFile(rebased, software: software).bytes
    if let found = try? FileSystem.readFile(path: path, as: .runFile), found == bytes { return }
    try FileSystem.writeFile(path: path, bytes: bytes)
  }

  /// What is kept in a folder; nil where nothing is that can be read.
  public static func settings(in folder: String) -> JSONObject? {
    let path = folder + "/" + settingsName
    guard let bytes = try? FileSystem.readFile(path: path, as: .runFile) else { return nil }
    return (try? JSONValue(parsing: bytes))?.objectValue
  }
}
