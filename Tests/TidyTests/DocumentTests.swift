import Foundation
import Testing

/// Documents name what there is.
struct DocumentTests {
  /// Every document that people read, by its path from the top folder.
  private static let documents =
    ["README.md", "CONTRIBUTING.md"] + Tree.files.map(\.path).filter { $0.hasSuffix(".md") }

  @Test(arguments: documents)
  func linksLeadToFiles(path: String) throws {
    let folder = Tree.root.appending(path: path).deletingLastPathComponent()
    for link in try Tree.text(of: path).matches(of: /\]\(([^)\s#]+)[^)]*\)/) {
      let target = String(link.1)
      if target.contains("://") { continue }
      let file = folder.appending(path: target).standardizedFileURL.path
      #expect(FileManager.default.fileExists(atPath: file), "\(target)")
    }
  }

  /// Types, source files and scripts in code spans, so that a renamed one is renamed here too.
  @Test(arguments: ["CONTRIBUTING.md", "Sources/Reflux.docc/Architecture.md"])
  func namesAreOfTheTree(path: String) throws {
    let code = Tree.swiftFiles(below: "Sources", "Tests", "Tools")
    let names = Set(code.map { String($0.path.split(separator: "/").last ?? "") })
    let words = Set(code.flatMap { $0.code.flatMap { Word.words(of: $0).map(\.text) } })
    for span in try Tree.text(of: path).matches(of: /`([^`\n]+)`/) {
      let text = String(span.1)
      // Places that stand for many.
      if text.contains("<") || text.contains("...") { continue }
      if let file = text.wholeMatch(of: /(?:.*\/)?([A-Z][A-Za-z+]*\.swift)/) {
        #expect(names.contains(String(file.1)) || exists(text), "\(text)")
      } else if let word = text.wholeMatch(of: /([A-Z][A-Za-z]+)(?:\.[a-z][A-Za-z]*)?/) {
        let isModule = word.1.hasPrefix("Reflux")
        #expect(isModule || isFolder(text) || words.contains(word.1), "\(text)")
      } else if text.hasPrefix("Tools/") || text.hasPrefix("Tests/") || text.hasPrefix("Formats/") {
        #expect(exists(text.prefix { $0 != " " }), "\(text)")
      }
    }
  }

  private func isFolder(_ name: String) -> Bool {
    ["", "Tests/"].contains { exists($0 + name) }
  }

  private func exists(_ path: some StringProtocol) -> Bool {
    FileManager.default.fileExists(atPath: Tree.root.appending(path: String(path)).path)
  }
}
