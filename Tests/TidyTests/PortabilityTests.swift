import Testing

/// One program for every machine: what is compiled does not depend on the machine that builds.
struct PortabilityTests {
  @Test func theManifestLooksAtNoMachine() throws {
    let manifest = try Tree.text(of: "Package.swift")
    for word in ["/proc", "march=native", "import Foundation", "cpuinfo"] {
      #expect(!manifest.contains(word), "\(word)")
    }
    let sets = manifest.matches(of: /-march=([a-z0-9-]+)/).map { String($0.1) }
    #expect(Set(sets) == ["x86-64-v3"])
  }
}
