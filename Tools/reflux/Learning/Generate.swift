import ArgumentParser
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxTokens
import RefluxTraining

/// Text from a model.
struct GenerateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Let a model continue a text.",
    discussion: """
      Draws one token at a time; the same seed gives the same text. The model's folder must hold \
      a tokenizer.json.

      EXAMPLES:
        reflux generate --model student --prompt 'public func '
        reflux generate --model student --prompt '#include <' --temperature 0 \\
          --count 20
        reflux generate --model student --prompt 'struct ' --seed 7 --json
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
  @Option(help: "Seed of the draws.")
  var seed: UInt64 = 0

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be at least 1") }
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be 0 or more")
    }
    if topK < 0 { throw ValidationError("--top-k must be 0 or more") }
  }

  func run() throws { try compute.run(GenerateRun(verb: self)) }
}

/// The steps of `generate`.
private struct GenerateRun: ComputeBody {
  let verb: GenerateVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    let sizes = try ModelInputs.configuration(verb.model)
    guard let tokenizer = try ModelInputs.tokenizer(verb.model) else {
      throw Failure(path: verb.model, "has no tokenizer.json; add the one that made its tokens")
    }
    let decoder: Decoder<Element> = try ModelInputs.decoder(
      verb.model, window: sizes.positions, workers)
    if tokenizer.vocabularySize > sizes.vocabularySize {
      throw Failure(
        path: ModelFolder.tokenizerPath(verb.model),
        "has \(tokenizer.vocabularySize) ids, the model \(sizes.vocabularySize); use the one it was"
          + " trained with", exitCode: .badData)
    }
    var prompt = tokenizer.encode([UInt8](verb.prompt.utf8))
    if prompt.isEmpty { prompt = [tokenizer.endOfText ?? 0] }
    let generator = Generator(
      decoder, positions: sizes.positions, temperature: verb.temperature, topK: verb.topK,
      seed: verb.seed)
    let room = generator.promptRoom(count: verb.count)
    let ids = generator.generate(prompt, count: verb.count, end: tokenizer.endOfText)
    noteCuts(prompt: prompt.count, room: room, answer: ids.count, positions: sizes.positions)
    let answer = try at(verb.model) { try tokenizer.decode(ids) }
    let text = verb.prompt + String(decoding: answer, as: UTF8.self)
    if !verb.printing.json { return try Output.line(text) }
    var facts = Facts()
    facts.add("text", .string(text))
    facts.add("tokens", .integer(ids.count))
    try facts.print(json: true)
  }

  /// Says what the model's positions had no room for.
  private func noteCuts(prompt: Int, room: Int, answer: Int, positions: Int) {
    if prompt > room {
      Console.note(
        "reflux: the prompt has \(prompt) tokens, the model read the last \(room): it has"
          + " \(positions) positions")
    }
    if answer < verb.count, min(prompt, room) + answer >= positions {
      Console.note("reflux: stopped after \(answer) tokens: the \(positions) positions are full")
    }
  }
}
