import ArgumentParser

extension Reflux {
  /// Teachers, students, and the figures they reach.
  static var learningVerbs: CommandGroup {
    CommandGroup(name: "Learning", subcommands: [])
  }
}
