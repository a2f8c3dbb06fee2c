internal import Foundation
internal import RefluxFiles

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// How much more memory this process holds at once while it does something, mapped pages of files
/// included.
///
/// Where the system cannot forget an earlier peak, the growth is that above the earlier peak.
/// Memory that was freed before and that the allocator has kept is used again without any growth;
/// large pieces, which would matter, go back to the system.
struct ResidentMemory {
  private let start: Int

  /// Begins to watch.
  init() {
    #if os(Linux)
      // Makes the peak that of now, where the system allows it.
      if let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
        try? file.write(contentsOf: Data("5".utf8))
        try? file.close()
      }
    #endif
    start = Self.peak
  }

  /// Bytes by which the peak has grown since.
  var growth: Int { Self.peak - start }

  /// The most bytes that the process has held.
  private static var peak: Int {
    #if os(Linux)
      if let bytes = linuxPeak { return bytes }
    #endif
    var usage = rusage()
    unsafe getrusage(Self.thisProcess, &usage)
    // Linux counts in KiB, Darwin in bytes.
    #if os(Linux)
      return 1024 * usage.ru_maxrss
    #else
      return usage.ru_maxrss
    #endif
  }

  #if canImport(Darwin)
    private static let thisProcess = RUSAGE_SELF
  #else
    private static let thisProcess = RUSAGE_SELF.rawValue
  #endif

  /// `VmHWM` of the kernel's own account, which follows a peak that was reset.
  private static var linuxPeak: Int? {
    let path = "/proc/self/status"
    guard let bytes = try? FileSystem.readFile(path: path, as: .systemTable) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("VmHWM:") }?.split { $0 == " " || $0 == "\t" }
    return words.flatMap { $0.count > 1 ? Int($0[1]) : nil }.map { $0 * 1024 }
  }
}
