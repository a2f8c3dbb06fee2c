import RefluxBytes
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard error: progress and diagnostics. A write that fails is dropped: there is nowhere to
/// report it.
enum Console {
  /// Whether standard error is a terminal that can redraw a line.
  static let isTerminal: Bool = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

  /// Whether a bar stands on the terminal's last line.
  private static let barIsShown = Mutex(false)

  /// Columns of the terminal, 80 where it does not say.
  static var width: Int {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  /// Writes one line, in place of the bar if one is shown.
  static func note(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let text = lines.map(ForeignText.shown).joined(separator: "\n")
    barIsShown.withLock { shown in
      put((shown ? eraseLine : "") + text + "\n")
      shown = false
    }
  }

  /// Draws `text`, which must be narrower than ``width``, over the bar's line.
  static func showBar(_ text: String) {
    barIsShown.withLock { shown in
      put(eraseLine + text)
      shown = true
    }
  }

  /// Takes the bar off the terminal; does nothing when none is shown.
  static func hideBar() {
    barIsShown.withLock { shown in
      if shown { put(eraseLine) }
      shown = false
    }
  }

  private static let eraseLine = "\r\u{1B}[K"

  private static func put(_ text: String) {
    _ = FileDescriptorWriting.write(text, to: STDERR_FILENO)
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
