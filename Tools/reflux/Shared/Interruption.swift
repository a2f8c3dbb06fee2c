import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The request to stop that SIGINT and SIGTERM make.
///
/// A short verb does nothing: the first signal ends the process with 130. A long verb calls
/// ``finishSafely()`` once; then the first signal only sets ``isRequested``, which the verb polls,
/// and a second one ends the process at once, with 130.
enum Interruption {
  private enum State {
    static let endAtOnce = 0
    static let finishSafely = 1
    static let requested = 2
  }

  private static let state = Atomic<Int>(State.endAtOnce)

  /// Touches the state, so that the signal handler never initialises it.
  static func arm() {
    state.store(State.endAtOnce, ordering: .sequentiallyConsistent)
  }

  /// From now on the first signal is a request and the running verb decides when to stop.
  static func finishSafely() {
    _ = state.compareExchange(
      expected: State.endAtOnce, desired: State.finishSafely, ordering: .sequentiallyConsistent)
  }

  /// Whether a signal asked for the end. Cheap: one atomic load; any thread may poll it.
  static var isRequested: Bool {
    state.load(ordering: .relaxed) == State.requested
  }

  /// - Throws: an interrupted ``Failure`` with `hint` when a signal asked for the end.
  static func check(path: String? = nil, _ hint: String) throws(Failure) {
    if isRequested { throw .interrupted(path: path, hint) }
  }

  /// The signal handler: an atomic exchange, `write` and `_exit`, which are safe in a handler.
  static func signalled() {
    let (first, _) = state.compareExchange(
      expected: State.finishSafely, desired: State.requested, ordering: .sequentiallyConsistent)
    if first {
      say("\nreflux: stopping at a safe place; press Ctrl-C again to stop at once\n")
    } else {
      say("\nreflux: interrupted\n")
      _exit(ExitCode.interrupted.rawValue)
    }
  }

  private static func say(_ text: StaticString) {
    let saved = errno
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    errno = saved
  }
}
