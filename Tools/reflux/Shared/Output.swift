import RefluxJSON
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard output: results only.
///
/// A reader that went away (`reflux cat ... | head`) is no failure: what follows is dropped and
/// ``isClosed`` tells a verb with many rows that it may stop.
enum Output {
  private static let closed = Mutex(false)

  /// Whether the reader of standard output is gone.
  static var isClosed: Bool { closed.withLock { $0 } }

  /// Does nothing for a while, less if the reader of standard output goes away meanwhile or a
  /// signal comes.
  static func rest(milliseconds: Int32) {
    var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    let gone = Int16(POLLERR | POLLHUP | POLLNVAL)
    if poll(&output, 1, milliseconds) > 0, output.revents & gone != 0 {
      closed.withLock { $0 = true }
    }
  }

  /// Writes `text` and a line break, whole before the call returns.
  ///
  /// - Throws: a ``Failure`` when standard output cannot be written, for example on a full disk.
  static func line(_ text: String) throws(Failure) {
    try write(text + "\n")
  }

  /// Writes one JSON object on one line; NaN and infinities as `null`.
  static func line(_ object: JSONObject) throws(Failure) {
    try line(object.line)
  }

  /// Writes `text` as it is.
  static func write(_ text: String) throws(Failure) {
    Console.hideBar()
    let failed: CInt? = closed.withLock { closed in
      if closed { return nil }
      let code = FileDescriptorWriting.write(text, to: STDOUT_FILENO)
      closed = code == EPIPE
      return closed ? nil : code
    }
    guard let failed else { return }
    let reason = String(cString: strerror(failed))
    throw Failure(path: "standard output", "cannot write: \(reason); send it elsewhere")
  }
}

/// The loop around `write(2)`, for standard output and standard error.
enum FileDescriptorWriting {
  /// Writes all of `text`; returns the error number of the call that failed, nil when none did.
  static func write(_ text: String, to descriptor: CInt) -> CInt? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        #if canImport(Glibc)
          let written = Glibc.write(descriptor, start, rest.count)
        #else
          let written = Darwin.write(descriptor, start, rest.count)
        #endif
        if written >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }
}
