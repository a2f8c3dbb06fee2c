import ArgumentParser
import RefluxBytes
import RefluxJSON
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
    let result = try GenerateRecipe(settings).run(.console(isQuiet: false))
    if printing.json { return try Self.facts(result, settings).print(json: true) }
    try Output.line(result.text)
    if settings.draft == nil { return }
    Console.note(
      "reflux: the model took \(result.accepted) of the \(result.judged) tokens of the draft"
        + " that it judged (\(Quantity.decimal(result.acceptancePercent ?? 0)) %)")
  }

  private static func facts(_ result: GenerateResult, _ settings: GenerateSettings) -> Facts {
    var facts = Facts()
    facts.add("text", .string(result.text))
    facts.add("tokens", .integer(result.tokens))
    if settings.draft != nil {
      facts.add("judged_tokens", .integer(result.judged))
      facts.add("accepted_tokens", .integer(result.accepted))
      facts.add("acceptance_percent", result.acceptancePercent.map { .number($0) } ?? .null)
    }
    return facts
  }
}
