import ArgumentParser

extension Reflux {
  /// Text and foreign formats in, stores out, and the tools that look into stores.
  static var dataVerbs: CommandGroup {
    CommandGroup(name: "Data", subcommands: [
        Tokenize.self, Cat.self, Import.self, Export.self,
      ])
  }
}
