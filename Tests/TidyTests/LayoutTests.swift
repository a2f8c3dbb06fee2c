import Foundation
import Testing

/// What lies where.
struct LayoutTests {
  @Test func topFolderHoldsWhatItShould() throws {
    #expect(
      try Tree.topEntries() == [
        "Package.swift", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", ".gitignore",
        ".swift-format", "Sources", "Tests", "Formats", "Tools", ".ci",
      ])
  }

  @Test func noPlaceholderIsLeft() {
    #expect(Tree.files.map(\.path).filter { $0.hasSuffix("Placeholder.swift") } == [])
  }

  /// But for `Tests/Peers`, which runs other systems on the same work, and the guides.
  @Test func everyFolderOfSourceIsATarget() throws {
    let manifest = try Manifest(text: Tree.text(of: "Package.swift"))
    for parent in ["Sources", "Tests"] {
      let names = try FileManager.default.contentsOfDirectory(
        atPath: Tree.root.appending(path: parent).path)
      let folders = Set(names.filter { !$0.hasPrefix(".") }.map { parent + "/" + $0 })
      let others = folders.subtracting(manifest.targets.map(\.folder))
      #expect(others.subtracting(["Tests/Dependency", "Tests/Peers", "Sources/Reflux.docc"]) == [])
    }
  }

  @Test func scriptsCanBeRun() {
    for path in [
      "Tools/quickstart", "Tools/test", "Tools/swift", "Tools/docs", "Tools/manual",
      "Tools/package", ".ci/run",
    ] {
      let file = Tree.root.appending(path: path).path
      #expect(FileManager.default.isExecutableFile(atPath: file), "\(path)")
    }
  }
}
