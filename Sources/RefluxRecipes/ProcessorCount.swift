#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// How many threads make sense on this machine.
public enum ProcessorCount {
  /// The processors that the system has switched on, at least 1.
  public static var active: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
