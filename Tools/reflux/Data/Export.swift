import ArgumentParser

/// Foreign formats out.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a store in a foreign format.",
    discussion: """
      EXAMPLES:
        reflux export npy corpus.rfx --output ids.npy
        reflux export npy corpus.rfx --output ids.npy --json
      """,
    subcommands: [ExportNPY.self])
}
