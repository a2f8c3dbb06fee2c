import ArgumentParser
import RefluxSettings

/// What to say of a command line that names what there is not: a verb, a format or an option.
struct UsageHint {
  /// One lower-case line.
  let message: String

  /// Nil where every name is known: the mistake is another.
  init?(_ arguments: [String]) {
    var (verb, path): (any ParsableCommand.Type, [String]) = (Reflux.self, [])
    var rest = arguments[...]
    while !verb.children.isEmpty {
      guard let name = rest.first, !name.hasPrefix("-"), name != "help" else { return nil }
      guard let child = verb.children.first(where: { $0.isCalled(name) }) else {
        message = path.isEmpty ? Self.verb(name) : Self.format(name, of: verb, path)
        return
      }
      (verb, path, rest) = (child, path + [name], rest.dropFirst())
    }
    let known = verb.optionNames
    let options = rest.prefix { $0 != "--" }.compactMap(OptionName.init)
    guard let unknown = options.first(where: { !known.contains($0.text) }) else { return nil }
    message = Self.option(unknown, known, path.joined(separator: " "))
  }

  private static func verb(_ name: String) -> String {
    let verbs = Reflux.children.map { $0._commandName }
    let found = ForeignNames.verb(name) ?? Spelling.nearest(to: name, in: verbs)
    return "no verb '\(name)';" + (found.map { " did you mean '\($0)'?" } ?? "")
      + " 'reflux --help' lists them"
  }

  private static func format(
    _ name: String, of verb: any ParsableCommand.Type, _ path: [String]
  ) -> String {
    let formats = verb.children.map { $0._commandName }.joined(separator: ", ")
    let path = path.joined(separator: " ")
    return "\(path): no format '\(name)'; there is: \(formats); see 'reflux \(path) --help'"
  }

  private static func option(_ found: OptionName, _ known: Set<String>, _ path: String) -> String {
    let advice =
      ForeignNames.option(found, known)
      ?? Spelling.nearest(to: found.name, in: known.sorted()).map { "did you mean '\($0)'?" }
    return "\(path): no option '\(found.text)'; " + (advice.map { $0 + " " } ?? "")
      + "see 'reflux \(path) --help'"
  }
}

extension ParsableCommand {
  /// The verbs or formats below this one.
  static var children: [any ParsableCommand.Type] {
    configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)
  }

  fileprivate static func isCalled(_ name: String) -> Bool {
    _commandName == name || configuration.aliases.contains(name)
  }

  /// Every option of the verb, as its help lists them: `--learning-rate`, `-h`.
  fileprivate static var optionNames: Set<String> {
    let lines = Reflux.helpMessage(for: Self.self).split(separator: "\n")
    let options = lines.filter { $0.hasPrefix("  -") }.flatMap { line in
      line.split(whereSeparator: { " ,/<".contains($0) }).prefix { $0.hasPrefix("-") }
    }
    return Set(options.map(String.init))
  }
}
