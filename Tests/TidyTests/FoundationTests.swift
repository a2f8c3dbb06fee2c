import Testing

/// Foundation is large: a program that links it for a square root or a date is 19 MB larger.
struct FoundationTests {
  /// Targets above the libraries that others build upon.
  private static let doors: Set = ["Sources/RefluxBenchmarks", "Sources/RefluxRecipes"]

  /// Files below the doors that import it, and why. Only ever shorten this.
  private static let reasons: [String: String] = [
    "Sources/RefluxTraining/Watching/RunLog.swift": "the time of day of TensorBoard's records"
  ]

  @Test func librariesDoWithoutFoundation() {
    let users = Tree.swiftFiles(below: "Sources").filter { file in
      !Self.doors.contains(file.target)
        && file.code.contains { FloorTests.importedModule($0)?.hasPrefix("Foundation") ?? false }
    }
    #expect(Set(users.map(\.path)).symmetricDifference(Self.reasons.keys) == [])
  }
}
