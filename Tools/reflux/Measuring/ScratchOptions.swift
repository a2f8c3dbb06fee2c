import ArgumentParser
import Foundation
import RefluxFiles

/// Options of benchmarks that write stores.
struct ScratchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with room for what is written (default: the system's temporary folder).",
      valueName: "folder"))
  var scratch: String?

  /// Calls `body` with the path of a new folder, which is removed with everything in it afterwards.
  func withFolder(_ body: (String) throws -> Void) throws {
    let parent = scratch ?? FileManager.default.temporaryDirectory.path
    guard FileSystem.isFolder(path: parent) else {
      throw Failure(path: parent, "there is no such folder; create it or name another --scratch")
    }
    let path = parent + "/reflux-bench-" + UUID().uuidString
    try at(parent) { try FileSystem.createDirectory(path: path) }
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}
