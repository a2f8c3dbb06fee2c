import Foundation
import TestSupport
import Testing

@testable import reflux

/// What the README prints works: its tour runs as it stands, and there is every verb it names.
@Suite struct ReadmeTests {
  let folder = TemporaryFolder()

  private static func text() throws -> String {
    try String(contentsOfFile: RepositoryFolder.file("README.md"), encoding: .utf8)
  }

  /// The shell block under a heading.
  private static func block(under heading: String) throws -> Substring {
    try text().components(after: "\n## " + heading).components(after: "```sh\n")
      .prefix(upToMark: "```\n")
  }

  /// The tour on less text: the program is built and on the path already.
  @Test func theTourRunsAsPrinted() throws {
    let tour = try Self.block(under: "A tour")
    let start = try #require(tour.firstRange(of: "# Text to tokens")).lowerBound
    for (part, name) in [
      ("RefluxStorage", "Sources"), ("RefluxSampling", "Tools"),
    ] {
      try FileManager.default.createDirectory(
        atPath: folder.file("text"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: RepositoryFolder.file("Sources/" + part), toPath: folder.file("text/" + name))
    }
    let script =
      "set -eu\ntext=$PWD/text\nPATH=$(dirname \"$reflux\"):$PATH\n" + tour[start...]
    try folder.write("tour.sh", script)
    let run = try Command(folder: folder).shell("sh tour.sh")
    #expect(run.exitCode == 0, "\(run.diagnostics.suffix(2000))")
    #expect(run.output.hasSuffix("same content\n") || run.output.contains("same"))
  }

  /// Commands in running text and in blocks name verbs and options that there are.
  @Test func namesOnlyWhatThereIs() throws {
    let names = Set(UsageTests.verbs.map { $0[0] })
    for mention in try Self.text().matches(of: /`reflux ([a-z-]+)/) {
      #expect(names.contains(String(mention.1)) || mention.1.hasPrefix("-"), "\(mention.0)")
    }
  }
}

extension Substring {
  fileprivate func components(after mark: String) -> Substring {
    firstRange(of: mark).map { self[$0.upperBound...] } ?? ""
  }

  fileprivate func prefix(upToMark mark: String) -> Substring {
    firstRange(of: mark).map { self[..<$0.lowerBound] } ?? self
  }
}
