import Foundation

/// What the tree is held to, as functions from a file to the places that break the rule.
enum Rules {
  static let lineLimit = 100
  static let fileLimit = 400

  static func longLines(_ file: SourceFile) -> [String] {
    file.places { file.lines[$0].utf8.count > lineLimit && file.lines[$0].count > lineLimit }
  }

  /// Libraries speak by values and errors: they do not print, exit, crash on input, or ask the
  /// environment.
  static func misconduct(_ file: SourceFile) -> [String] {
    let calls: Set<Substring> = [
      "print", "debugPrint", "dump", "exit", "_exit", "abort", "fatalError", "getenv",
    ]
    let members: Set<Substring> = ["environment", "standardOutput", "standardError"]
    return file.places { index in
      Word.words(of: file.code[index]).contains { word in
        (calls.contains(word.text) && word.after == "(" && word.before != ".")
          || (members.contains(word.text) && word.before == ".")
          || (word.text == "try" && word.after == "!") || word.text == "CommandLine"
      }
    }
  }

  /// Checks that vanish in release builds.
  static func vanishingChecks(_ file: SourceFile) -> [String] {
    file.places { index in
      Word.words(of: file.code[index]).contains {
        ($0.text == "assert" || $0.text == "assertionFailure") && $0.after == "("
      }
    }
  }

  static func unsafeTypes(_ file: SourceFile) -> [String] {
    let names: Set<Substring> = ["Unmanaged", "OpaquePointer", "unsafeBitCast"]
    return file.places { index in
      Word.words(of: file.code[index]).contains { word in
        (word.text.hasPrefix("Unsafe") && word.text.hasSuffix("Pointer"))
          || word.text.hasPrefix("withUnsafe") || names.contains(word.text)
      }
    }
  }

  /// Reading a file in any other way than that of RefluxFiles: plain files only, never waited for,
  /// and of a size that their kind may have.
  static func otherReading(_ file: SourceFile) -> [String] {
    let names: Set<Substring> = [
      "fopen", "freopen", "O_RDONLY", "O_RDWR", "InputStream", "contentsOfFile", "forReadingFrom",
      "forReadingAtPath", "forUpdating", "forUpdatingAtPath",
    ]
    return file.places { index in
      let words = Word.words(of: file.code[index])
      return words.contains { names.contains($0.text) }
        || zip(words, words.dropFirst()).contains { one, next in
          ["Data", "String", "NSData", "NSString"].contains(one.text) && one.after == "("
            && next.text == "contentsOf" && next.after == ":"
        } || readsWithoutLimit(file, from: index)
    }
  }

  /// Whether a call of `readFile` begins in a line and names no kind of file.
  private static func readsWithoutLimit(_ file: SourceFile, from index: Int) -> Bool {
    guard file.code[index].contains("readFile(") else { return false }
    let text = file.code[index..<min(index + 3, file.code.count)].joined()
    guard let start = text.range(of: "readFile(")?.upperBound else { return false }
    var depth = 1
    let call = text[start...].prefix { character in
      depth += character == "(" ? 1 : character == ")" ? -1 : 0
      return depth > 0
    }
    return !call.contains("as:")
  }

  /// `@unchecked Sendable` without a comment just above or below that says why it is safe.
  static func unexplainedSendable(_ file: SourceFile) -> [String] {
    file.places { index in
      file.code[index].contains("@unchecked Sendable")
        && !file.lines[max(0, index - 12)..<min(index + 4, file.lines.count)].contains {
          $0.contains("Safe because")
        }
    }
  }

  /// Notes of unfinished work.
  static func unfinished(_ file: SourceFile) -> [String] {
    let notes: Set<Substring> = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
    return file.places { index in
      Word.words(of: file.lines[index]).contains { notes.contains($0.text) }
    }
  }

  /// Public declarations without a documentation comment above them.
  ///
  /// Properties that follow each other line by line share the comment of the first. Witnesses of
  /// standard protocols explain themselves.
  static func undocumented(_ file: SourceFile) -> [String] {
    file.places { index in
      let words = Word.words(of: file.code[index]).map(\.text)
      guard isPublicDeclaration(words), !isWitness(words) else { return false }
      var above = index - 1
      while above >= 0, isPassed(file.code[above], below: words) { above -= 1 }
      return above < 0 || !file.lines[above].drop { $0 == " " }.hasPrefix("///")
    }
  }

  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "actor", "func", "var", "let", "init", "subscript",
    "typealias", "macro",
  ]

  private static func isPublicDeclaration(_ words: [Substring]) -> Bool {
    words.contains("public") && !words.contains("import") && !words.contains("extension")
      && !kinds.isDisjoint(with: words)
  }

  private static func isWitness(_ words: [Substring]) -> Bool {
    let names: Set<Substring> = [
      "description", "errorDescription", "hash", "encode", "next", "typealias",
    ]
    return !names.isDisjoint(with: words) || words.starts(with: ["public", "init", "from"])
      || words.starts(with: ["public", "static", "func"]) && words[3...].first == "lhs"
  }

  /// Whether a line may stand between a declaration and its comment.
  private static func isPassed(_ line: String, below declaration: [Substring]) -> Bool {
    let text = line.drop { $0 == " " }
    if text.hasPrefix("@") && !text.contains("public ") || text.hasPrefix("#") { return true }
    let words = Word.words(of: line).map(\.text)
    return isProperty(declaration) && isProperty(words)
  }

  private static func isProperty(_ words: [Substring]) -> Bool {
    words.contains("public") && !Set<Substring>(["let", "var"]).isDisjoint(with: words)
  }
}
