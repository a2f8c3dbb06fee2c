/// The control groups that this process is in, of either version of the interface.
struct ControlGroup {
  /// The folder of a group's memory, and the names of its files.
  private let folder: String
  private let (limit, usage): (String, String)
  /// The line of `memory.stat` with what the kernel takes back before it ends anybody.
  private let reclaimed: String

  /// The least that a group of this process, or one above it, leaves; nil without limits.
  static var freeBytes: Int? {
    let lines = FreeMemory.text("/proc/self/cgroup") ?? ""
    return groups(lines).compactMap { $0.freeBytes(FreeMemory.text) }.min()
  }

  /// The groups that lines of `/proc/self/cgroup` name, and all above them: where a container sees
  /// its own group as the root, that is the one that is there.
  static func groups(_ lines: String) -> [ControlGroup] {
    lines.split(separator: "\n").flatMap { line -> [ControlGroup] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      if fields[0] == "0", fields[1].isEmpty {
        return paths(fields[2]).map {
          ControlGroup(
            folder: "/sys/fs/cgroup" + $0, limit: "memory.max", usage: "memory.current",
            reclaimed: "inactive_file ")
        }
      }
      guard fields[1].split(separator: ",").contains("memory") else { return [] }
      return paths(fields[2]).map {
        ControlGroup(
          folder: "/sys/fs/cgroup/memory" + $0, limit: "memory.limit_in_bytes",
          usage: "memory.usage_in_bytes", reclaimed: "total_inactive_file ")
      }
    }
  }

  /// "/a/b", "/a" and "".
  private static func paths(_ path: Substring) -> [String] {
    let names = path.split(separator: "/")
    return (0...names.count).reversed().map { names.prefix($0).map { "/" + $0 }.joined() }
  }

  /// What the group leaves; nil where it has no limit.
  ///
  /// - Parameter read: the text of a file, nil where there is none.
  func freeBytes(_ read: (String) -> String?) -> Int? {
    guard let most = number(read(folder + "/" + limit)),
      let used = number(read(folder + "/" + usage))
    else { return nil }
    let lines = read(folder + "/memory.stat")?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix(reclaimed) }
    let back = line.flatMap { Int($0.dropFirst(reclaimed.count)) } ?? 0
    return max(0, most - max(0, used - back))
  }

  /// "max" and absurdly large numbers are no limits.
  private func number(_ text: String?) -> Int? {
    let number = text.flatMap { Int($0.prefix { $0 != "\n" }) }
    return number.flatMap { $0 < 1 << 60 ? $0 : nil }
  }
}
