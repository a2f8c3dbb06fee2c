import Foundation

/// The files of the project, found from where this file is compiled.
enum Tree {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Entries of the top folder, without what git ignores.
  static func topEntries() throws -> Set<String> {
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
    let patterns = try ignoredPatterns()
    return Set(names.filter { name in !patterns.contains { fnmatch($0, name, 0) == 0 } })
  }

  /// The Swift files below the named folders, ascending by path.
  static func swiftFiles(below folders: String...) throws -> [SourceFile] {
    try files(below: folders) { $0.hasSuffix(".swift") }
  }

  /// The files below the named folders that `isWanted` (of the path) picks, ascending by path.
  static func files(below folders: [String], isWanted: (String) -> Bool) throws -> [SourceFile] {
    var found: [SourceFile] = []
    for folder in folders {
      let start = root.appending(path: folder)
      let paths = try FileManager.default.subpathsOfDirectory(atPath: start.path)
      for path in paths.sorted() where isWanted(path) {
        let text = try String(contentsOf: start.appending(path: path), encoding: .utf8)
        found.append(SourceFile(path: folder + "/" + path, text: text))
      }
    }
    return found
  }

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static func ignoredPatterns() throws -> [String] {
    let lines = try text(of: ".gitignore").split(separator: "\n").map(String.init)
    return [".git"] + lines.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
  }
}
