/// What the tree is held to, as functions from a file to the places that break the rule.
enum Rules {
  static let lineLimit = 100
  static let fileLimit = 400

  static func longLines(_ file: SourceFile) -> [String] {
    file.lines.enumerated().filter { $0.element.count > lineLimit }
      .map { "\(file.path):\($0.offset + 1)" }
  }

  /// Libraries report by values and errors: they do not print, exit, crash on input or ask the
  /// environment.
  static func misconduct(_ file: SourceFile) -> [String] {
    file.places { line in
      line.contains(/(^|[^.\w])(print|debugPrint|dump|exit|_exit|abort|fatalError|getenv)\s*\(/)
        || line.contains(/\btry!|\.environment\b|\bCommandLine\b|\bFileHandle\.standard/)
        || line.contains(/(^|[^.\w])(assert|assertionFailure)\s*\(/)
    }
  }

  static func unsafeTypes(_ file: SourceFile) -> [String] {
    file.places {
      $0.contains(/\bUnsafe(Mutable)?(Raw)?(Buffer)?Pointer|\bwithUnsafe|\bUnmanaged\b/)
        || $0.contains(/\bunsafeBitCast\b|\bOpaquePointer\b/)
    }
  }

  /// `@unchecked Sendable` without a comment that says why it is safe, just above.
  static func unexplainedSendable(_ file: SourceFile) -> [String] {
    file.code.indices.filter { index in
      file.code[index].contains("@unchecked Sendable")
        && !file.lines[max(0, index - 12)...index].contains { $0.contains("Safe because") }
    }.map { "\(file.path):\($0 + 1)" }
  }

  /// Notes of unfinished work.
  static func unfinished(_ file: SourceFile) -> [String] {
    let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX:", "HA" + "CK"]
    return file.lines.enumerated().filter { line in
      words.contains { line.element.contains($0) }
    }.map { "\(file.path):\($0.offset + 1)" }
  }

  /// Public declarations without a documentation comment above them.
  ///
  /// Witnesses of standard protocols explain themselves and may go without.
  static func undocumented(_ file: SourceFile) -> [String] {
    file.code.indices.filter { index in
      let line = file.code[index].drop { $0 == " " }
      guard isPublicDeclaration(line), !isWitness(line) else { return false }
      var above = index - 1
      while above >= 0, isAttribute(file.code[above]) { above -= 1 }
      return above < 0 || !file.lines[above].drop { $0 == " " }.hasPrefix("///")
    }.map { "\(file.path):\($0 + 1)" }
  }

  private static func isPublicDeclaration(_ line: Substring) -> Bool {
    line.contains(#/^(@\w+(\([^)]*\))? )*((static|final|indirect|mutating) )*(public|open) /#)
      && !line.contains(/\b(import|extension)\b/)
  }

  private static func isWitness(_ line: Substring) -> Bool {
    line.contains(/\b(var (description|errorDescription|hashValue)\b|func hash\(into|init\(from )/)
      || line.contains(/\b(func encode\(to|func (==|<) ?\(|func next\(\)|typealias )/)
  }

  private static func isAttribute(_ line: String) -> Bool {
    line.contains(/^ *(@\w+|#if|#else|#endif)/)
  }
}
