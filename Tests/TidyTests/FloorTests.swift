import Foundation
import Testing

/// The floors: who may know whom.
struct FloorTests {
  private let manifest: Manifest

  init() throws { manifest = try Manifest(text: Tree.text(of: "Package.swift")) }

  /// Modules of the toolchain and the system that any target may import.
  private static let system: Set = [
    "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Glibc", "Musl",
    "Darwin", "Testing", "XCTest", "RegexBuilder", "FoundationXML",
  ]

  @Test func targetsDependOnlyDownTheTable() {
    let order = manifest.targets.map(\.name)
    #expect(order.count > 20)
    for (index, target) in manifest.targets.enumerated() where !target.isTest {
      let above = target.dependencies.intersection(order[..<index])
      #expect(above.isEmpty, "\(target.name) depends on \(above) above it")
    }
  }

  /// Pairs that must not meet, even by way of others.
  @Test(arguments: [
    ("RefluxModel", ["RefluxPipeline", "RefluxStorage", "RefluxFiles", "RefluxTokens"]),
    ("RefluxPipeline", ["RefluxModel", "RefluxKernels", "RefluxLosses", "RefluxTokens"]),
    ("RefluxKernels", ["RefluxFiles", "RefluxStorage", "RefluxModel", "RefluxProfiling"]),
    ("RefluxLosses", ["COneDNN", "RefluxFiles", "RefluxPipeline", "RefluxStorage"]),
    ("RefluxMemory", ["COneDNN", "RefluxFiles", "RefluxJSON", "RefluxTargets"]),
    ("RefluxStorage", ["COneDNN", "RefluxMemory", "RefluxModel", "RefluxTokens"]),
    ("RefluxSampling", ["COneDNN", "RefluxFiles", "RefluxLosses", "RefluxStorage", "RefluxModel"]),
    ("RefluxWorkers", ["RefluxFiles", "RefluxMemory", "RefluxProfiling"]),
    ("RefluxTokens", ["RefluxFiles", "RefluxStorage"]),
    ("RefluxInterchange", ["RefluxFiles", "RefluxStorage"]),
    ("RefluxTargets", ["RefluxBytes", "RefluxFiles", "RefluxKernels", "RefluxStorage"]),
    ("RefluxModelFiles", ["RefluxPipeline", "RefluxSampling"]),
    ("RefluxCapture", ["RefluxEvaluation", "RefluxTraining"]),
    ("RefluxEvaluation", ["RefluxCapture", "RefluxTraining"]),
    ("RefluxTraining", ["RefluxCapture"]),
    ("RefluxSettings", ["RefluxFiles", "RefluxTraining", "RefluxModel", "RefluxStorage"]),
    ("RefluxReport", ["RefluxFiles", "RefluxTraining", "RefluxModel", "RefluxStorage"]),
  ])
  func staysApart(name: String, others: [String]) {
    #expect(manifest.targets.contains { $0.name == name })
    #expect(manifest.reach(of: name).intersection(others) == [])
  }

  @Test func oneDNNIsOfOneModule() {
    let users = manifest.targets.filter { $0.dependencies.contains("COneDNN") }
    #expect(users.map(\.name) == ["RefluxKernels"])
  }

  @Test func importsAreDeclared() {
    for target in manifest.targets {
      let allowed = target.dependencies.union(Self.system).union([target.name])
      let undeclared = Tree.swiftFiles(below: target.folder).flatMap { file in
        file.code.compactMap(Self.importedModule).filter { !allowed.contains($0) }
          .map { "\(file.path): \($0)" }
      }
      #expect(undeclared == [])
    }
  }

  /// The module that a line imports; nothing where it is no import.
  static func importedModule(_ line: String) -> String? {
    let words = Word.words(of: line).map(\.text)
    let marks: Set<Substring> = [
      "public", "package", "internal", "private", "fileprivate", "testable", "preconcurrency",
      "_exported", "_spi",
    ]
    let rest = words.drop { marks.contains($0) }
    guard rest.first == "import" else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "func", "var", "let", "protocol"]
    return rest.dropFirst().first { !kinds.contains($0) }.map(String.init)
  }

  @Test func readsTheManifest() {
    let manifest = Manifest(
      text: """
        .executableTarget(
          name: "door", dependencies: ["A", .product(name: "Parser", package: "parser")],
          path: "Tools/door"),
        .target(name: "A", dependencies: ["B"]),
        .systemLibrary(name: "B"),
        .testTarget(name: "ATests", dependencies: ["A"]),
        """)
    #expect(manifest.targets.map(\.name) == ["door", "A", "B", "ATests"])
    #expect(manifest.targets[0].dependencies == ["A", "Parser"])
    #expect(
      manifest.targets.map(\.folder) == ["Tools/door", "Sources/A", "Sources/B", "Tests/ATests"])
    #expect(manifest.reach(of: "door") == ["A", "B", "Parser"])
    #expect(Self.importedModule("public import struct Foundation.URL") == "Foundation")
    #expect(Self.importedModule("@testable import RefluxBytes") == "RefluxBytes")
    #expect(Self.importedModule("let important = 1") == nil)
  }
}
