import Foundation

/// The files of the project, found from where this file is compiled.
enum Tree {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every text file that people write, read once, ascending by path.
  static let files: [SourceFile] = ["Formats", "Sources", "Tests", "Tools"].flatMap(read)

  /// The Swift files whose path begins with one of `folders`.
  static func swiftFiles(below folders: String...) -> [SourceFile] {
    files.filter { file in
      file.path.hasSuffix(".swift") && folders.contains { file.path.hasPrefix($0 + "/") }
    }
  }

  /// Entries of the top folder, without what git ignores.
  static func topEntries() throws -> Set<String> {
    let lines = try text(of: ".gitignore").split(separator: "\n").map(String.init)
    let patterns = [".git"] + lines.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
    return Set(names.filter { name in !patterns.contains { fnmatch($0, name, 0) == 0 } })
  }

  /// A file by its path from the top folder.
  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static func read(_ folder: String) -> [SourceFile] {
    let kinds: Set = ["swift", "h", "c", "py", "md", "sh", "modulemap"]
    let start = root.appending(path: folder)
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: start.path)) ?? []
    return paths.sorted().compactMap { path in
      let isScript = folder == "Tools" && !path.contains(".")
      guard isScript || kinds.contains((path as NSString).pathExtension),
        let text = try? text(of: folder + "/" + path)
      else { return nil }
      return SourceFile(path: folder + "/" + path, text: text)
    }
  }
}
