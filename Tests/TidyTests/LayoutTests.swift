import Foundation
import Testing

/// What lies where.
struct LayoutTests {
  @Test func topFolderHoldsWhatItShould() throws {
    #expect(
      try Tree.topEntries() == [
        "Package.swift", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore", ".swift-format",
        "Sources", "Tests", "Formats", "Tools", ".ci",
      ])
  }

  @Test func noPlaceholderIsLeft() {
    #expect(Tree.files.map(\.path).filter { $0.hasSuffix("Placeholder.swift") } == [])
  }

  @Test func everyFolderOfSourceIsATarget() throws {
    let manifest = try Manifest(text: Tree.text(of: "Package.swift"))
    for parent in ["Sources", "Tests"] {
      let names = try FileManager.default.contentsOfDirectory(
        atPath: Tree.root.appending(path: parent).path)
      let folders = Set(names.filter { !$0.hasPrefix(".") }.map { parent + "/" + $0 })
      // Scripts that measure other projects are nobody's target.
      let others: Set = ["Tests/Peers"]
      #expect(folders.subtracting(manifest.targets.map(\.folder)).subtracting(others) == [])
    }
  }

  @Test func scriptsCanBeRun() {
    for path in ["Tools/quickstart", "Tools/test", "Tools/swift", ".ci/run"] {
      let file = Tree.root.appending(path: path).path
      #expect(FileManager.default.isExecutableFile(atPath: file), "\(path)")
    }
  }
}
