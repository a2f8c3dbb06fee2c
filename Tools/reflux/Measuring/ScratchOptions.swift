import Foundation
import RefluxFiles

/// A folder of this run alone, removed with everything in it at the end of its life.
final class ScratchFolder {
  let path: String

  /// Makes the folder below `parent`, or below the system's temporary folder.
  init(below parent: String?) throws(Failure) {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    let path = parent + "/reflux-bench-" + UUID().uuidString
    guard FileSystem.isFolder(path: parent) else {
      throw Failure(path: parent, "there is no such folder; create it or name another --scratch")
    }
    try at(parent) { try FileSystem.createDirectory(path: path) }
    self.path = path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
