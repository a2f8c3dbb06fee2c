internal import RefluxEvaluation
internal import RefluxKernels
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxTokens

/// The steps of a text.
struct GenerateRun {
  let settings: GenerateSettings
  let modelling: Modelling
  let observer: StageObserver

  func run() throws -> GenerateResult {
    let sizes = try ModelInputs.configuration(settings.model)
    let tokenizer = try tokenizer(for: sizes)
    let prompt = try prompt(tokenizer)
    let limit = try positions(sizes, tokenizer)
    try requireTokenizerOfDraft(tokenizer)
    // Memory only for what the text can need.
    let positions = min(limit, prompt.count + min(settings.count, limit))
    let generator = try generator(positions, tokenizer.vocabularySize)
    let room = generator.promptRoom(count: settings.count)
    let ids = generator.generate(prompt, count: settings.count, ends: try ends(tokenizer))
    noteCuts(prompt: prompt.count, room: room, answer: ids.count, positions: positions)
    let answer = try naming(settings.model) { try tokenizer.decode(ids, continuing: true) }
    return GenerateResult(
      text: settings.prompt + String(decoding: answer, as: UTF8.self), tokens: ids.count,
      judged: generator.judgedCount, accepted: generator.acceptedCount)
  }

  private var tokenizerPath: String { ModelFolder.tokenizerPath(settings.model) }

  private func tokenizer(for sizes: DecoderConfiguration) throws(RecipeError) -> Tokenizer {
    guard let tokenizer = try ModelInputs.tokenizer(settings.model) else {
      throw .learning(path: settings.model, .noTokenizer)
    }
    let (ids, rows) = (tokenizer.vocabularySize, sizes.vocabularySize)
    if ids > rows {
      throw .learning(path: tokenizerPath, .tokenizerTooLarge(found: ids, model: rows))
    }
    return tokenizer
  }

  /// The prompt's ids, at least one.
  private func prompt(_ tokenizer: Tokenizer) throws(RecipeError) -> [UInt32] {
    let start = try tokenizer.start(settings.bos, at: tokenizerPath)
    let text = tokenizer.encode(settings.prompt, .init(parsesSpecial: settings.parseSpecial))
    let prompt = start + text
    return prompt.isEmpty ? [tokenizer.endOfText ?? 0] : prompt
  }

  /// The ids that end a text: by the tokenizer, config.json and generation_config.json.
  private func ends(_ tokenizer: Tokenizer) throws(RecipeError) -> Set<UInt32> {
    let ids = try naming(settings.model) { try ModelFolder.endTokens(settings.model) }
    return ids.union([tokenizer.endOfText].compactMap { $0 })
  }

  private func requireTokenizerOfDraft(_ tokenizer: Tokenizer) throws(RecipeError) {
    guard let draft = settings.draft else { return }
    let own = TokenizerClaim(tokenizer, path: tokenizerPath)
    try ModelInputs.requireOneTokenizer(
      [own, TokenizerClaim(model: draft)], observer: observer)
  }

  /// The positions that model and draft both have; a draft must have a row for every token.
  private func positions(
    _ sizes: DecoderConfiguration, _ tokenizer: Tokenizer
  ) throws(RecipeError) -> Int {
    guard let draft = settings.draft else { return sizes.positions }
    let other = try ModelInputs.configuration(draft)
    if other.vocabularySize < tokenizer.vocabularySize {
      throw .learning(
        path: draft,
        .draftTooSmall(found: other.vocabularySize, model: sizes.vocabularySize))
    }
    return min(sizes.positions, other.positions)
  }

  private func generator(
    _ positions: Int, _ vocabulary: Int
  ) throws(RecipeError) -> Generator {
    try requireMemory(positions)
    let model = try ModelInputs.model(settings.model, window: positions, modelling)
    let draft = try settings.draft.map { path throws(RecipeError) in
      try ModelInputs.model(path, window: positions, modelling)
    }
    return Generator(
      model, positions: positions, vocabulary: vocabulary, rule: settings.rule,
      seed: settings.seed, draft: draft, draftLength: settings.draftLength)
  }

  private func requireMemory(_ positions: Int) throws(RecipeError) {
    let sizes = try ModelInputs.sizes(settings.model, window: positions)
    let other = try settings.draft.map { path throws(RecipeError) in
      try ModelInputs.sizes(path, window: positions)
    }
    let need = try naming(settings.model) {
      try Generator.memory(
        of: sizes, draft: other, positions: positions, draftLength: settings.draftLength,
        precision: modelling.precision, workers: modelling.workers)
    }
    try MemoryCheck(threads: modelling.workers.count).require(
      need, for: "the text", at: settings.model,
      advice: "lower 'count' or 'threads', or use a smaller model")
  }

  /// Says what the model's positions had no room for.
  private func noteCuts(prompt: Int, room: Int, answer: Int, positions: Int) {
    if prompt > room {
      observer.note(.longPrompt(tokens: prompt, read: room, positions: positions))
    }
    if answer < settings.count, min(prompt, room) + answer >= positions {
      observer.note(.positionsFull(tokens: answer, positions: positions))
    }
  }
}
