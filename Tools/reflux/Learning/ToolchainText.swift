import Foundation
import RefluxFiles
import RefluxRecipes

/// The text that every machine able to build this has: the Swift toolchain's own interfaces and
/// headers.
enum ToolchainText {
  /// All `.swiftinterface` and `.h` files of the toolchain, in the order of their paths.
  static func find() throws(Failure) -> TextCorpus {
    let resources = try resourcePath()
    let usr = URL(fileURLWithPath: resources).deletingLastPathComponent()
      .deletingLastPathComponent()
    let folders = [resources, usr.appendingPathComponent("include").path] + clangHeaders(usr)
    var files: [TextFile] = []
    for folder in folders where FileSystem.isFolder(path: folder) {
      files += try at(folder) { try textFiles(in: folder) }
    }
    if files.isEmpty {
      throw Failure(path: resources, "holds no .swiftinterface and no .h; name text with --data")
    }
    return TextCorpus(files: files)
  }

  private static func textFiles(in folder: String) throws -> [TextFile] {
    try FileSystem.listFiles(path: folder).compactMap { path in
      guard path.hasSuffix(".swiftinterface") || path.hasSuffix(".h") else { return nil }
      let size = try FileSystem.size(path: path)
      return size == 0 ? nil : TextFile(path: path, byteCount: size)
    }
  }

  private static func clangHeaders(_ usr: URL) -> [String] {
    let clang = usr.appendingPathComponent("lib/clang").path
    return FileSystem.isFolder(path: clang) ? [clang] : []
  }

  /// What `swiftc -print-target-info` says of itself.
  private static func resourcePath() throws(Failure) -> String {
    struct TargetInfo: Decodable {
      struct Paths: Decodable { var runtimeResourcePath: String }
      var paths: Paths
    }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swiftc", "-print-target-info"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { throw missing }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let info = try? JSONDecoder().decode(TargetInfo.self, from: data)
    else { throw missing }
    return info.paths.runtimeResourcePath
  }

  private static var missing: Failure {
    Failure(
      "no swiftc on the path whose text could be used; name text files or folders with --data")
  }
}
