import ArgumentParser
import RefluxEvaluation

/// Text from a model.
struct GenerateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Let a model continue a text.",
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

  @Option(help: ArgumentHelp("Folder of the model.", valueName: "model"))
  var model: String
  @Option(help: "The text to continue.")
  var prompt: String
  @Option(help: "The most tokens to draw.")
  var count = 100
  @Option(help: "0 takes the most likely token; 1 draws from the model's distribution.")
  var temperature = 0.8
  @Option(help: "Draw from this many most likely tokens only; 0 for all.")
  var topK = 0
  @Option(
    help: "Draw from the fewest most likely tokens whose probabilities reach this sum; 1 for all.")
  var topP = 1.0
  @Option(help: "Draw from tokens at least this share as likely as the likeliest; 0 for all.")
  var minP = 0.0
  @Option(
    help: ArgumentHelp(
      "Folder of a smaller model that drafts for the model to judge.", valueName: "model"))
  var draft: String?
  @Option(help: "Tokens that the draft proposes at a time.")
  var draftLength = 4
  @Option(help: "Seed of the draws.")
  var seed: UInt64 = 0

  @OptionGroup var text: TextOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be at least 1") }
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be 0 or more")
    }
    if topK < 0 { throw ValidationError("--top-k must be 0 or more") }
    if !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be above 0 and at most 1") }
    if !(minP >= 0 && minP <= 1) { throw ValidationError("--min-p must be 0 to 1") }
    guard (1...64).contains(draftLength) else {
      throw ValidationError("--draft-length must be 1 to 64")
    }
  }

  var rule: DrawingRule {
    DrawingRule(temperature: temperature, topK: topK, topP: topP, minP: minP)
  }

  func run() throws { try compute.run(GenerateRun(verb: self)) }
}
