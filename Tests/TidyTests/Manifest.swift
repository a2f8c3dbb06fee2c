/// The table of targets in Package.swift.
struct Manifest {
  struct Target: Equatable {
    var name: String
    /// Names in the target's list of dependencies, products of packages included.
    var dependencies: Set<String>
    /// The folder, from the top folder.
    var folder: String
    var isTest: Bool
  }

  /// The targets from the highest floor to the lowest, tests after them.
  let targets: [Target]

  init(text: String) {
    let starts = text.matches(
      of: /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "(\w+)"/)
    let ends = starts.dropFirst().map(\.range.lowerBound) + [text.endIndex]
    targets = zip(starts, ends).map { start, end in
      let block = text[start.range.upperBound..<end]
      let list = block.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
      let names = list.replacing(/package: "[^"]*"/, with: "").matches(of: /"([^"]+)"/)
      let name = String(start.2)
      let isTest = start.1 == "testTarget"
      let path = block.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
      return Target(
        name: name, dependencies: Set(names.map { String($0.1) }),
        folder: path ?? (isTest ? "Tests/" : "Sources/") + name, isTest: isTest)
    }
  }

  /// Every target that `name` can reach, itself not included.
  func reach(of name: String) -> Set<String> {
    var reached: Set<String> = []
    var open = [name]
    while let next = open.popLast() {
      for dependency in targets.first(where: { $0.name == next })?.dependencies ?? [] {
        if reached.insert(dependency).inserted { open.append(dependency) }
      }
    }
    return reached
  }
}
