import ArgumentParser

extension Reflux {
  /// How fast it all is, beside how fast it could be.
  static var measuringVerbs: CommandGroup {
    CommandGroup(name: "Measuring", subcommands: [Bench.self])
  }
}
