/// A source file as it is and as code alone.
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
    code = SourceFile.split(CodeStripper.strip(text))
  }

  /// The first two parts of the path: `Sources/RefluxBytes`.
  var target: String { path.split(separator: "/").prefix(2).joined(separator: "/") }

  /// `path:line` for every line of code that matches, numbered from one.
  func places(where matches: (String) -> Bool) -> [String] {
    code.enumerated().filter { matches($0.element) }.map { "\(path):\($0.offset + 1)" }
  }

  private static func split(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
