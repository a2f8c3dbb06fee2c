import ArgumentParser
import RefluxRecipes

/// Text from a model.
struct GenerateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Let a model continue a text.",
    usage: SettingOptions<GenerateSettings>.usage,
    discussion: """
      Draws one token at a time; the same seed gives the same text. The model's folder must hold \
      a tokenizer.json; what its post_processor puts before a text, such as <bos>, goes before the \
      prompt. --top-k, --top-p and --min-p leave only the likelier tokens, one after \
      the other.

      With --draft a smaller model of the same vocabulary proposes tokens that the model reads at \
      once and takes or replaces: the text is distributed as without it, and the share of \
      proposals that the model took is printed.

      EXAMPLES:
        reflux generate --model student --prompt 'public func '
        reflux generate --model student --prompt '#include <' --temperature 0 \\
          --count 20
        reflux generate --model student --prompt 'struct ' --seed 7 --json
        reflux generate --model teacher --draft student --prompt 'struct ' --temperature 1
      """)

  @OptionGroup var options: SettingOptions<GenerateSettings>
  @OptionGroup var printing: OutputOptions

  func run() throws {
    guard let settings = try options.resolve() else { return }
    try settings.compute.run(GenerateRun(settings: settings, printing: printing).run)
  }
}
