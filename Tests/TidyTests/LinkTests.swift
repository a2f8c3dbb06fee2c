import Foundation
import Testing

/// What a program must link that uses a few of the libraries alone.
struct LinkTests {
  /// The build's folder of this test, where it holds optimised code.
  private static let products: URL? = {
    #if os(Linux)
      let folder = Bundle.main.bundleURL.resolvingSymlinksInPath()
      return folder.path.contains("/release") ? folder : nil
    #else
      return nil
    #endif
  }()

  private static let libraries = [
    "RefluxStorage", "RefluxPipeline", "RefluxSampling", "RefluxLosses", "RefluxMemory",
  ]

  /// Writes a store, feeds a batch of it, draws from a row of equal logits and takes its loss.
  private static let program = """
    import RefluxLosses
    import RefluxMemory
    import RefluxPipeline
    import RefluxSampling
    import RefluxStorage

    let path = CommandLine.arguments[1]
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: 64))
    try writer.append(document: (0..<600).map { UInt32($0 % 64) }.span)
    _ = try writer.seal()
    let source = FeedSource(name: path, tokens: try TokenStore(path: path))
    let feed = try Feed([source], configuration: FeedConfiguration(batch: 2, window: 8))
    let arena = Arena()
    let logits: View<Float> = arena.take(64)
    let scratch = LossScratch(vocabularySize: 64, arena: arena)
    var sampler = try Sampler(configuration: SamplerConfiguration(), vocabularySize: 64)
    try feed.withNextBatch { batch in
      try sampler.sample(logits: logits, position: 0)
      let label = Int(batch.labels[0])
      print(
        sampler.counts.reduce(0, +),
        CrossEntropy.gradient(logits, label: label, scale: 1, scratch: scratch))
    }
    """

  @Test(.enabled(if: products != nil, "only programs of Linux are looked into"))
  func storesFeedSamplingAndLossesNeedNoLargeLibrary() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = try link(Self.program, of: Self.libraries, in: folder)
    #expect(try run(program, [folder.path + "/tokens.rfx"]) == "50 4.158883\n")
    let needed = try needs(program)
    #expect(needed.contains { $0.hasPrefix("libswiftCore") }, "\(needed)")
    let large = needed.filter { $0.contains("Foundation") || $0.contains("dnnl") }
    #expect(large == [])
  }

  /// What is found above would also be found wrong.
  @Test(.enabled(if: products != nil, "only programs of Linux are looked into"))
  func aLargeLibraryIsSeen() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = try link("import RefluxKernels", of: ["RefluxKernels"], in: folder)
    #expect(try needs(program).contains { $0.contains("dnnl") })
    let second = try link("import Foundation", of: [], in: folder)
    #expect(try needs(second).contains { $0.contains("Foundation") })
  }

  /// Builds a program from its text and the modules of this build.
  private func link(_ text: String, of libraries: [String], in folder: URL) throws -> URL {
    let products = try #require(Self.products)
    let source = folder.appending(path: "main.swift")
    let program = folder.appending(path: "program")
    try Data(text.utf8).write(to: source)
    let manifest = try Manifest(text: Tree.text(of: "Package.swift"))
    var arguments = ["-O", source.path, "-o", program.path]
    arguments += ["-I", products.appending(path: "Modules").path]
    let reached = libraries.reduce(into: Set(libraries)) { $0.formUnion(manifest.reach(of: $1)) }
    for target in manifest.targets where reached.contains(target.name) {
      let built = products.appending(path: target.name + ".build")
      let system = Tree.root.appending(path: target.folder + "/module.modulemap")
      let map =
        FileManager.default.fileExists(atPath: system.path)
        ? system : built.appending(path: "module.modulemap")
      if FileManager.default.fileExists(atPath: map.path) {
        arguments += ["-Xcc", "-fmodule-map-file=" + map.path]
      }
      if FileManager.default.fileExists(atPath: built.path) {
        arguments += try Objects(built).paths
      }
    }
    _ = try Objects.run("swiftc", arguments)
    return program
  }

  /// The shared libraries that a program names.
  private func needs(_ program: URL) throws -> [String] {
    let headers = try Objects.run("llvm-objdump", ["-p", program.path])
    return headers.split(separator: "\n").compactMap { line -> String? in
      let words = line.split(separator: " ")
      return words.first == "NEEDED" ? String(words[1]) : nil
    }
  }

  private func run(_ program: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
