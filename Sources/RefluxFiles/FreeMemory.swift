#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How much memory this process may still take, as far as the system tells.
public struct FreeMemory: Sendable, Equatable {
  /// What leaves no more.
  public enum Limit: Sendable {
    /// The memory of the machine that is free.
    case machine
    /// The limit of the process's control group: a container's, or a job's.
    case group
  }

  /// Bytes that can be written to before something else must go.
  public let bytes: Int
  /// What says so.
  public let limit: Limit
  /// Bytes of address space that the limits of the process leave (`ulimit -v`, `ulimit -d`); nil
  /// without any.
  public let addressBytes: Int?

  /// As it is now. Where the system does not tell, everything is free.
  public init() {
    let machine = Self.machineBytes ?? .max
    let group = ControlGroup.freeBytes ?? .max
    bytes = min(machine, group)
    limit = group < machine ? .group : .machine
    addressBytes = Self.addressBytes
  }

  // MARK: The machine

  #if canImport(Darwin)
    /// All there is: what of it is free, the system does not say in one number.
    private static var machineBytes: Int? {
      var (bytes, size) = (UInt64(0), MemoryLayout<UInt64>.size)
      let failed = unsafe sysctlbyname("hw.memsize", &bytes, &size, nil, 0) != 0
      return failed ? nil : Int(bytes)
    }
  #else
    private static var machineBytes: Int? { kilobytes("MemAvailable", in: "/proc/meminfo") }
  #endif

  // MARK: The process

  /// The less of what both limits leave of the address space in use.
  private static var addressBytes: Int? {
    #if canImport(Darwin)
      return nil
    #else
      let space = left(
        __rlimit_resource_t(RLIMIT_AS.rawValue), used: kilobytes("VmSize", in: "/proc/self/status"))
      let data = left(
        __rlimit_resource_t(RLIMIT_DATA.rawValue),
        used: kilobytes("VmData", in: "/proc/self/status"))
      return [space, data].compactMap { $0 }.min()
    #endif
  }

  #if !canImport(Darwin)
    private static func left(_ resource: __rlimit_resource_t, used: Int?) -> Int? {
      var limit = rlimit()
      guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else {
        return nil
      }
      return max(0, Int(limit.rlim_cur) - (used ?? 0))
    }
  #endif

  // MARK: Files of the kernel

  /// The number of a line `NAME: 1234 kB`, in bytes.
  private static func kilobytes(_ name: String, in path: String) -> Int? {
    text(path).flatMap { kilobytes(name, of: $0) }
  }

  static func kilobytes(_ name: String, of text: String) -> Int? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    let words = line?.split { $0 == " " || $0 == "\t" }
    guard let words, words.count > 1, let number = Int(words[1]) else { return nil }
    return 1024 * number
  }

  static func text(_ path: String) -> String? {
    (try? FileSystem.readFile(path: path, as: .systemTable)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
