import ArgumentParser

extension Reflux {
  /// Text and foreign formats in, stores out, and the tools that look into stores.
  static var dataVerbs: CommandGroup {
    CommandGroup(
      name: "Data",
      subcommands: [
        Tokenize.self, Inspect.self, Verify.self, Cat.self, Stats.self, Diff.self, Merge.self,
        Split.self, Recompress.self, Forecast.self, Recover.self, Import.self, Export.self,
      ])
  }
}
