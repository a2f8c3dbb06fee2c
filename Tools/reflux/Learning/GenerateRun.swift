import RefluxBytes
import RefluxEvaluation
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxModelFiles
import RefluxRecipes
import RefluxTokens

/// The steps of `generate`.
struct GenerateRun: ComputeBody {
  let settings: GenerateSettings
  let printing: OutputOptions

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    let sizes = try ModelInputs.configuration(settings.model)
    let tokenizer = try tokenizer(for: sizes)
    let start = try TextOptions.start(
      settings.bos, of: tokenizer, at: ModelFolder.tokenizerPath(settings.model))
    var prompt =
      start
      + tokenizer.encode(
        settings.prompt, .init(parsesSpecial: settings.parseSpecial))
    if prompt.isEmpty { prompt = [tokenizer.endOfText ?? 0] }
    let limit = try positions(sizes, tokenizer)
    try requireTokenizerOfDraft(tokenizer)
    // Memory only for what the text can need.
    let positions = min(limit, prompt.count + min(settings.count, limit))
    let generator: Generator<Element> = try generator(
      positions, tokenizer.vocabularySize, workers)
    let room = generator.promptRoom(count: settings.count)
    let ids = generator.generate(prompt, count: settings.count, ends: try ends(tokenizer))
    noteCuts(prompt: prompt.count, room: room, answer: ids.count, positions: positions)
    let answer = try at(settings.model) { try tokenizer.decode(ids, continuing: true) }
    try print(settings.prompt + String(decoding: answer, as: UTF8.self), ids.count, generator)
  }

  private func tokenizer(for sizes: DecoderConfiguration) throws -> Tokenizer {
    guard let tokenizer = try ModelInputs.tokenizer(settings.model) else {
      throw Failure(path: settings.model, "has no tokenizer.json; add the one that made its tokens")
    }
    if tokenizer.vocabularySize > sizes.vocabularySize {
      throw Failure(
        path: ModelFolder.tokenizerPath(settings.model),
        "has \(tokenizer.vocabularySize) ids, the model \(sizes.vocabularySize); use the one it was"
          + " trained with", exitCode: .badData)
    }
    return tokenizer
  }

  /// The ids that end a text: by the tokenizer, config.json and generation_config.json.
  private func ends(_ tokenizer: Tokenizer) throws(Failure) -> Set<UInt32> {
    let ids = try at(settings.model) { try ModelFolder.endTokens(settings.model) }
    return ids.union([tokenizer.endOfText].compactMap { $0 })
  }

  private func requireTokenizerOfDraft(_ tokenizer: Tokenizer) throws(Failure) {
    guard let draft = settings.draft else { return }
    let own = TokenizerClaim(tokenizer, path: ModelFolder.tokenizerPath(settings.model))
    try ModelInputs.requireOneTokenizer([own, TokenizerClaim(model: draft)])
  }

  /// The positions that model and draft both have; a draft must have a row for every token.
  private func positions(_ sizes: DecoderConfiguration, _ tokenizer: Tokenizer) throws -> Int {
    guard let draft = settings.draft else { return sizes.positions }
    let other = try ModelInputs.configuration(draft)
    if other.vocabularySize < tokenizer.vocabularySize {
      throw Failure(
        path: draft,
        "the draft has \(other.vocabularySize) ids, the model \(sizes.vocabularySize); use a draft"
          + " with the model's tokenizer and vocab_size", exitCode: .badData)
    }
    return min(sizes.positions, other.positions)
  }

  private func generator<Element: Scalar>(
    _ positions: Int, _ vocabulary: Int, _ workers: Workers
  ) throws -> Generator<Element> {
    let sizes = try ModelInputs.sizes(settings.model, window: positions)
    let other = try settings.draft.map { path throws(Failure) in
      try ModelInputs.sizes(path, window: positions)
    }
    let need = try at(settings.model) {
      try Generator<Element>.memory(
        of: sizes, draft: other, positions: positions, draftLength: settings.draftLength,
        workers: workers)
    }
    try MemoryCheck(threads: workers.count).require(
      need, for: "the text", at: settings.model,
      advice: "lower --count or --threads, or use a smaller model")
    let decoder: Decoder<Element> = try ModelInputs.decoder(
      settings.model, window: positions, workers)
    let draft: Decoder<Element>? = try settings.draft.map {
      try ModelInputs.decoder($0, window: positions, workers)
    }
    return Generator(
      decoder, positions: positions, vocabulary: vocabulary, rule: settings.rule,
      seed: settings.seed,
      draft: draft, draftLength: settings.draftLength)
  }

  private func print<Element: Scalar>(
    _ text: String, _ count: Int, _ generator: Generator<Element>
  ) throws {
    let (judged, accepted) = (generator.judgedCount, generator.acceptedCount)
    let percent = judged > 0 ? 100 * Double(accepted) / Double(judged) : 0
    if !printing.json {
      try Output.line(text)
      if settings.draft != nil {
        Console.note(
          "reflux: the model took \(accepted) of the \(judged) tokens of the draft that it judged"
            + " (\(Quantity.decimal(percent)) %)")
      }
      return
    }
    var facts = Facts()
    facts.add("text", .string(text))
    facts.add("tokens", .integer(count))
    if settings.draft != nil {
      facts.add("judged_tokens", .integer(judged))
      facts.add("accepted_tokens", .integer(accepted))
      facts.add("acceptance_percent", judged > 0 ? .number(percent) : .null)
    }
    try facts.print(json: true)
  }

  /// Says what the model's positions had no room for.
  private func noteCuts(prompt: Int, room: Int, answer: Int, positions: Int) {
    if prompt > room {
      Console.note(
        "reflux: the prompt has \(prompt) tokens, the model read the last \(room): it has"
          + " \(positions) positions")
    }
    if answer < settings.count, min(prompt, room) + answer >= positions {
      Console.note("reflux: stopped after \(answer) tokens: the \(positions) positions are full")
    }
  }
}
