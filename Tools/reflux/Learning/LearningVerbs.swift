import ArgumentParser

extension Reflux {
  /// Teachers, students, and the figures they reach.
  static var learningVerbs: CommandGroup {
    CommandGroup(
      name: "Learning",
      subcommands: [
        QuickstartVerb.self, CacheVerb.self, TrainVerb.self, EvaluateVerb.self, ReportVerb.self,
        GenerateVerb.self,
      ])
  }
}
