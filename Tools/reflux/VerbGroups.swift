import ArgumentParser

extension Reflux {
  /// The verbs by the job that they do, in the order in which a project needs them.
  static let verbGroups = [
    CommandGroup(
      name: "Convert Data",
      subcommands: [
        Tokenize.self, Import.self, Export.self, Merge.self, Split.self, Recompress.self,
        Recover.self,
      ]),
    CommandGroup(name: "Make Targets", subcommands: [CacheVerb.self, Forecast.self]),
    CommandGroup(
      name: "Train", subcommands: [TrainVerb.self, PlanVerb.self, ExplainStep.self]),
    CommandGroup(
      name: "Measure",
      subcommands: [
        EvaluateVerb.self, ReportVerb.self, GenerateVerb.self, ObjectiveVerb.self, SelectVerb.self,
        Bench.self,
      ]),
    CommandGroup(
      name: "Look Inside",
      subcommands: [Inspect.self, Verify.self, Cat.self, Stats.self, Diff.self]),
  ]
}
