import Testing

@testable import RefluxFiles

/// What the system says of memory.
@Suite struct FreeMemoryTests {
  @Test func somethingIsFree() {
    let free = FreeMemory()
    #expect(free.bytes > 1 << 20)
    #expect(free.addressBytes ?? 1 > 0)
  }

  @Test func linesOfTheKernelAreInKilobytes() {
    let text =
      "MemTotal:       16384000 kB\nMemAvailable:    1234 kB\nVmData:\t 7 kB\nVmBad: x kB\n"
    #expect(FreeMemory.kilobytes("MemAvailable", of: text) == 1_263_616)
    #expect(FreeMemory.kilobytes("VmData", of: text) == 7168)
    #expect(FreeMemory.kilobytes("VmBad", of: text) == nil)
    #expect(FreeMemory.kilobytes("Mem", of: text) == nil)
  }

  private func free(_ lines: String, _ files: [String: String]) -> Int? {
    ControlGroup.groups(lines).compactMap { $0.freeBytes { files[$0] } }.min()
  }

  /// The least of a group and those above it, with the pages that the kernel takes back.
  @Test func groupsOfTheSecondVersion() {
    let root = "/sys/fs/cgroup"
    var files = [
      root + "/a/b/memory.max": "max\n", root + "/a/b/memory.current": "500\n",
      root + "/a/memory.max": "10000\n", root + "/a/memory.current": "4000\n",
      root + "/a/memory.stat": "anon 3000\ninactive_file 900\nactive_file 100\n",
    ]
    #expect(free("0::/a/b\n", files) == 6900)
    files[root + "/a/b/memory.max"] = "600\n"
    #expect(free("0::/a/b\n", files) == 100)
    // A container sees its own group as the root, whatever the line says.
    files = [root + "/memory.max": "5000\n", root + "/memory.current": "6000\n"]
    #expect(free("0::/docker/1234\n", files) == 0)
    #expect(free("0::/\n", [:]) == nil)
  }

  @Test func groupsOfTheFirstVersion() {
    let lines = "9:cpu,cpuacct:/x\n4:memory:/job\n0::/\n"
    let folder = "/sys/fs/cgroup/memory/job"
    let files = [
      folder + "/memory.limit_in_bytes": "8000\n", folder + "/memory.usage_in_bytes": "3000\n",
      folder + "/memory.stat": "inactive_file 1\ntotal_inactive_file 1000\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
    ]
    #expect(free(lines, files) == 6000)
    #expect(free("no line of a group\n::\n", files) == nil)
  }
}
