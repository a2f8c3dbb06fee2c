import Testing

/// What every source file keeps to.
struct SourceTests {
  /// Files longer than the limit, with the length that they may not pass. Only ever shorten this.
  private static let longFiles: [String: Int] = [:]

  /// The targets that own unsafe code.
  private static let unsafeOwners: Set = [
    "Sources/RefluxFiles", "Sources/RefluxKernels", "Sources/RefluxStorage",
  ]
  /// Files of other targets with unsafe code. Only ever shorten this.
  private static let unsafeFiles: Set = ["Sources/RefluxBytes/Array+RawSpan.swift"]

  @Test func linesFit() throws {
    for file in try Tree.swiftFiles(below: "Sources", "Tests", "Tools") {
      #expect(Rules.longLines(file) == [])
    }
  }

  @Test func filesAreShort() throws {
    let files = try Tree.swiftFiles(below: "Sources", "Tests", "Tools")
    #expect(files.count > 100)
    for file in files {
      let limit = Self.longFiles[file.path] ?? Rules.fileLimit
      #expect(file.lines.count <= limit, "\(file.path)")
    }
    for (path, length) in Self.longFiles {
      let file = files.first { $0.path == path }
      #expect(length > Rules.fileLimit && file?.lines.count == length, "shorten the list: \(path)")
    }
  }

  @Test func librariesBehave() throws {
    for file in try Tree.swiftFiles(below: "Sources") {
      #expect(Rules.misconduct(file) == [])
      #expect(Rules.unexplainedSendable(file) == [])
    }
  }

  @Test func unsafeCodeHasFewOwners() throws {
    let files = try Tree.swiftFiles(below: "Sources", "Tools")
    let offenders = files.filter {
      !Self.unsafeOwners.contains($0.target) && !Rules.unsafeTypes($0).isEmpty
    }
    #expect(Set(offenders.map(\.path)).symmetricDifference(Self.unsafeFiles) == [])
  }

  @Test func publicDeclarationsAreDocumented() throws {
    for file in try Tree.swiftFiles(below: "Sources", "Tests/TestSupport") {
      #expect(Rules.undocumented(file) == [])
    }
  }

  @Test func nothingIsLeftUnfinished() throws {
    let files = try Tree.files(below: ["Sources", "Tests", "Tools", "Formats"]) { path in
      [".swift", ".h", ".c", ".py", ".md", ".sh"].contains { path.hasSuffix($0) }
        || !path.split(separator: "/").last!.contains(".") && !path.contains("golden")
    }
    for file in files { #expect(Rules.unfinished(file) == []) }
  }
}
