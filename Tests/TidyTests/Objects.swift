import Foundation

/// The object files of one module of a build.
struct Objects {
  private let paths: [String]

  /// A tool that is missing or could not read what it was given.
  struct ToolFailure: Error {
    var tool: String
    var status: Int32
  }

  init(_ folder: URL) throws {
    let folder = folder.resolvingSymlinksInPath()
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    paths = names.filter { $0.hasSuffix(".o") }.sorted().map { folder.appending(path: $0).path }
  }

  /// Their functions, by the names that people wrote.
  func functions() throws -> [Disassembly.Function] {
    let text = try Self.run("llvm-objdump", ["-d", "-r", "--no-show-raw-insn"] + paths)
    let named = try Self.run("swift-demangle", ["--compact", "--simplified"], input: text)
    return Disassembly(named).functions
  }

  /// Runs a tool of the toolchain, which stands beside `swift`.
  private static func run(_ tool: String, _ arguments: [String], input: String? = nil) throws
    -> String
  {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let swift = folders.map { "\($0)/swift" }.first(where: FileManager.default.isExecutableFile)
    let real = URL(filePath: swift ?? "/usr/bin/swift").resolvingSymlinksInPath()
    let process = Process()
    process.executableURL = real.deletingLastPathComponent().appending(path: tool)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    let source = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).s")
    defer { try? FileManager.default.removeItem(at: source) }
    if let input {
      try Data(input.utf8).write(to: source)
      process.standardInput = try FileHandle(forReadingFrom: source)
    }
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let status = process.terminationStatus
    guard status == 0 else { throw ToolFailure(tool: tool, status: status) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
