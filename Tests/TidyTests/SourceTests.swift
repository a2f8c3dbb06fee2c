import Testing

/// What every source file keeps to.
struct SourceTests {
  /// Files longer than the limit, with the length that they may not pass. Only ever shorten this.
  private static let longFiles: [String: Int] = [:]

  /// The targets that own unsafe code.
  private static let unsafeOwners: Set = [
    "Sources/RefluxFiles", "Sources/RefluxKernels", "Sources/RefluxLosses", "Sources/RefluxMemory",
    "Sources/RefluxStorage", "Sources/RefluxWorkers",
  ]
  /// Files of other targets with unsafe code. Only ever shorten this.
  private static let unsafeFiles: Set = ["Sources/RefluxBytes/Array+RawSpan.swift"]

  private let all = Tree.swiftFiles(below: "Sources", "Tests", "Tools")
  private let library = Tree.swiftFiles(below: "Sources")

  @Test func linesFit() {
    #expect(all.count > 100)
    #expect(all.flatMap(Rules.longLines) == [])
  }

  @Test func filesAreShort() {
    let long = all.filter { $0.lines.count > Self.longFiles[$0.path] ?? Rules.fileLimit }
    #expect(long.map(\.path) == [])
    for (path, length) in Self.longFiles {
      let count = all.first { $0.path == path }?.lines.count
      #expect(length > Rules.fileLimit && count == length, "lower the entry of \(path)")
    }
  }

  @Test func librariesBehave() {
    #expect(library.flatMap(Rules.misconduct) == [])
  }

  /// Only views may check what a release build leaves out: places inside the kernels' loops.
  @Test func checksStayInReleaseBuilds() {
    let others = library.filter {
      !["Sources/RefluxKernels", "Sources/RefluxMemory"].contains($0.target)
    }
    #expect(others.flatMap(Rules.vanishingChecks) == [])
  }

  @Test func sharingIsExplained() {
    #expect(library.flatMap(Rules.unexplainedSendable) == [])
  }

  @Test func unsafeCodeHasFewOwners() {
    let offenders = library.filter {
      !Self.unsafeOwners.contains($0.target) && !Rules.unsafeTypes($0).isEmpty
    }
    #expect(Set(offenders.map(\.path)).symmetricDifference(Self.unsafeFiles) == [])
  }

  /// Files of other targets than RefluxFiles that open files themselves. Only ever shorten this.
  private static let openers: Set = [
    // Makes the system forget a file of its own, of which it reads nothing.
    "Sources/RefluxBenchmarks/Pipeline/PageCache.swift"
  ]

  @Test func inputsAreOpenedInOnePlace() {
    let program = library + Tree.swiftFiles(below: "Tools")
    let offenders = program.filter {
      $0.target != "Sources/RefluxFiles" && !Rules.otherReading($0).isEmpty
    }
    #expect(Set(offenders.map(\.path)).symmetricDifference(Self.openers) == [])
  }

  @Test func publicDeclarationsAreDocumented() {
    let shared = library + Tree.swiftFiles(below: "Tests/TestSupport")
    #expect(shared.flatMap(Rules.undocumented) == [])
  }

  @Test func nothingIsLeftUnfinished() {
    #expect(Tree.files.flatMap(Rules.unfinished) == [])
  }
}
