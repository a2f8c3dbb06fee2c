#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What signals mean to the command, set once before anything runs.
enum Signals {
  /// A closed pipe and a file over the size limit come back as errors of the call that met them;
  /// SIGINT and SIGTERM go to ``Interruption``, unless the caller had them ignored (`nohup`).
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Interruption.arm()
    unblock([SIGINT, SIGTERM])
    for number in [SIGINT, SIGTERM] where !isIgnored(number) {
      signal(number) { _ in Interruption.signalled() }
    }
  }

  /// A process inherits what its creator's thread had blocked; worker threads block everything.
  private static func unblock(_ numbers: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == 1  // SIG_IGN
  }
}
