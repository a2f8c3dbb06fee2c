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

  /// Libraries say what to do in plain words; the command adds what it calls that (`Remedy`).
  @Test func librariesNameNoVerbAndNoOption() {
    let named = Tree.swiftFiles(below: "Sources").flatMap { file in
      file.places { line in
        let text = file.lines[line].drop { $0 == " " }
        if text.hasPrefix("//") { return false }
        return text.contains(/'reflux [a-z]/) || text.contains(/"[^"]*--[a-z]/)
      }
    }
    // Another program's command, which fetches a model.
    #expect(named == ["Sources/RefluxModelFiles/ModelFolder+Checks.swift:11"])
  }
}
