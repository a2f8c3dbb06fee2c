internal import RefluxFiles

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The system's memory of files.
enum PageCache {
  /// Asks the system to forget what it holds of a file; nothing may have it mapped. What was not
  /// written to the medium yet is written first.
  static func drop(path: String) {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    #if os(Linux)
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    #endif
    close(descriptor)
  }

  /// Bytes of the process's own memory that are resident, without mapped files; 0 where the system
  /// does not say.
  static var heapBytes: Int {
    let path = "/proc/self/status"
    guard let bytes = try? FileSystem.readFile(path: path, as: .systemTable) else { return 0 }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("RssAnon:") }?.split { $0 == " " || $0 == "\t" }
    return words.flatMap { $0.count > 1 ? Int($0[1]) : nil }.map { $0 * 1024 } ?? 0
  }
}
