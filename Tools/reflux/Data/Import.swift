import ArgumentParser

/// Foreign formats in.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a store from a foreign format.",
    discussion: """
      EXAMPLES:
        reflux import npy ids.npy --output corpus.rfx --vocabulary 50257
        reflux import npy rows.npy --output corpus.rfx --tokenizer tokenizer.json
      """,
    subcommands: [ImportNPY.self])
}
