import Testing

/// Foundation is large: a program that links it for a square root or a date is 19 MB larger.
struct FoundationTests {
  /// Library files that import it, and why. Only ever shorten this.
  private static let reasons: [String: String] = [
    "Sources/RefluxTraining/Watching/RunLog.swift": "the time of day of TensorBoard's records",
    "Sources/RefluxRecipes/Quickstart/ModelFigures.swift": "figures kept by Codable",
    "Sources/RefluxBenchmarks/Store/StoreBenchmark.swift": "removes a folder with all that is in it",
    "Sources/RefluxBenchmarks/Store/StoreMeasurement+Opening.swift":
      "a file with holes, and what a file system has room for",
    "Sources/RefluxBenchmarks/Pipeline/PipelineBenchmark.swift":
      "removes a folder with all that is in it",
    "Sources/RefluxBenchmarks/Harness/ResidentMemory.swift": "writes to a file of the kernel",
  ]

  @Test func librariesDoWithoutFoundation() {
    let users = Tree.swiftFiles(below: "Sources").filter { file in
      file.code.contains { FloorTests.importedModule($0)?.hasPrefix("Foundation") ?? false }
    }
    #expect(Set(users.map(\.path)).symmetricDifference(Self.reasons.keys) == [])
  }
}
