#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The system calls that writing depends on, replaceable so that tests can make each one fail.
///
/// Every call returns a negative `errno` on failure, as the kernel does.
package struct FileCalls: Sendable {
  package var open: @Sendable (_ path: String, _ flags: Int32) -> Int32
  package var write: @Sendable (_ descriptor: Int32, _ bytes: RawSpan) -> Int
  package var sync: @Sendable (_ descriptor: Int32) -> Int32
  package var rename: @Sendable (_ source: String, _ target: String) -> Int32
  package var truncate: @Sendable (_ descriptor: Int32, _ size: Int64) -> Int32

  package init(
    open: @escaping @Sendable (String, Int32) -> Int32,
    write: @escaping @Sendable (Int32, RawSpan) -> Int,
    sync: @escaping @Sendable (Int32) -> Int32,
    rename: @escaping @Sendable (String, String) -> Int32,
    truncate: @escaping @Sendable (Int32, Int64) -> Int32
  ) {
    self.open = open
    self.write = write
    self.sync = sync
    self.rename = rename
    self.truncate = truncate
  }

  /// The calls of the running system.
  package static let system = FileCalls(
    open: { path, flags in
      let descriptor = systemOpen(path, flags | O_CLOEXEC, 0o666)
      return descriptor < 0 ? -errno : descriptor
    },
    write: { descriptor, bytes in
      let count = unsafe bytes.withUnsafeBytes {
        unsafe systemWrite(descriptor, $0.baseAddress, $0.count)
      }
      return count < 0 ? -Int(errno) : count
    },
    sync: { descriptor in systemSync(descriptor) },
    rename: { source, target in
      systemRename(source, target) < 0 ? -errno : 0
    },
    truncate: { descriptor, size in
      ftruncate(descriptor, off_t(size)) < 0 ? -errno : 0
    })
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  unsafe open(path, flags, mode)
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(descriptor, start, count)
}

private func systemRename(_ source: String, _ target: String) -> Int32 {
  unsafe rename(source, target)
}

/// Brings written bytes to the medium. On macOS `fsync` leaves them in the drive's own cache.
private func systemSync(_ descriptor: Int32) -> Int32 {
  #if canImport(Darwin)
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
  #endif
  return fsync(descriptor) < 0 ? -errno : 0
}
