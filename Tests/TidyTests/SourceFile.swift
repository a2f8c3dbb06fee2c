/// A source file as it is, as code alone and as words.
struct SourceFile: Sendable {
  /// The path from the top folder, with slashes.
  let path: String
  /// The lines as they are.
  let lines: [String]
  /// The same lines with comments and the contents of string literals blanked.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = SourceFile.split(text)
    code = path.hasSuffix(".swift") ? SourceFile.split(CodeStripper.strip(text)) : lines
  }

  /// The first two parts of the path: `Sources/RefluxBytes`.
  var target: String { path.split(separator: "/").prefix(2).joined(separator: "/") }

  /// `path:line`, numbered from one, for every line (by index from zero) that `isWanted` picks.
  func places(where isWanted: (Int) -> Bool) -> [String] {
    lines.indices.filter(isWanted).map { "\(path):\($0 + 1)" }
  }

  private static func split(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
