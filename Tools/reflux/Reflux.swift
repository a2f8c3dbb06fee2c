import ArgumentParser

/// The one executable: a group of verbs, each a thin door to the library.
@main
struct Reflux: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reflux",
    abstract: "Distil language models from cached, sparse teacher logits.",
    discussion: """
      Results go to standard output, progress and diagnostics to standard error. Exit codes: \
      0 done, 1 failed, 2 the data is bad, 64 usage, 130 interrupted.
      """,
    version: software,
    subcommands: [QuickstartVerb.self], groupedSubcommands: verbGroups)

  /// Runs the command of this process and ends the process with the code of ``ExitCode``.
  static func main() {
    Launcher.launch(Array(CommandLine.arguments.dropFirst()))
  }
}

extension Reflux {
  /// The version of this command.
  static let version = "0.1.0"

  /// What stores say wrote them.
  static var software: String { "reflux \(version)" }
}
