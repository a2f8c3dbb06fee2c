internal import RefluxFiles
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTokens

/// The tokenizer that a trained model gets, with the files beside it.
struct TrainText {
  let settings: TrainSettings
  let sources: [FeedSource]
  let observer: StageObserver

  /// The files for text that the model gets; refuses parts of other tokenizers, and says before the
  /// first step what will be missing.
  func prepare(_ sizes: DecoderConfiguration) throws(RecipeError) -> ModelText? {
    let heldOut = try settings.heldOut.map { path throws(RecipeError) in
      TokenizerClaim(tokens: try ModelInputs.tokens(path), name: path)
    }
    try ModelInputs.requireOneTokenizer(
      claims + [heldOut].compactMap { $0 }, folders: folders, observer: observer)
    if let replacement { observer.note(replacement) }
    guard let found = try find() else {
      let made = TokenizerClaim(tokens: sources[0].tokens, name: sources[0].name)
      let reason = made.isKnown ? "the one that made \(made.owner) was not found" : made.text
      observer.note(.noTokenizer(path: settings.output, reason: reason))
      return nil
    }
    return try complete(found, sizes)
  }

  private func complete(
    _ found: ModelText, _ sizes: DecoderConfiguration
  ) throws(RecipeError) -> ModelText {
    // A damaged block is the feed's to speak of.
    let marks = (try? DocumentMarks(sources[0].tokens)) ?? DocumentMarks()
    let text = try naming(settings.student) {
      try found.completed(
        own: sizes.specialTokens, marks: marks,
        isNew: !FileSystem.isFolder(path: settings.student), positions: sizes.positions)
    }
    if text.putsUnseenBeginning {
      observer.note(.unseenBeginning(path: settings.student, store: sources[0].name))
    }
    return text
  }

  /// What was named, else the student's own, else what lies in a folder whose tokenizer is known to
  /// have made the tokens: the teacher's, by the settings or by the samples, or that of a store.
  /// Nil where there is none.
  private func find() throws(RecipeError) -> ModelText? {
    if let path = settings.tokenizer { return try named(path) }
    let student = settings.student
    if FileSystem.exists(path: ModelFolder.tokenizerPath(student)) {
      return try naming(student) { try ModelText(folder: student) }
    }
    let made = TokenizerClaim(tokens: sources[0].tokens, name: sources[0].name)
    for folder in folders {
      let claim = TokenizerClaim(model: folder)
      guard claim.tokenizer != nil, made.isKnown, claim.agrees(with: made) else { continue }
      return try naming(folder) { try ModelText(folder: folder) }
    }
    return nil
  }

  /// What the run's parts say about tokenizers, for the agreement.
  private var claims: [TokenizerClaim] {
    get throws(RecipeError) {
      var claims = sources.map { TokenizerClaim(tokens: $0.tokens, name: $0.name) }
      if let path = settings.tokenizer, let text = try find(), let tokenizer = text.tokenizer {
        claims.append(TokenizerClaim(tokenizer, path: path))
      } else if FileSystem.isFolder(path: settings.student) {
        claims.append(try ModelInputs.tokenizerClaim(settings.student))
      }
      if let teacher = settings.teacher { claims.append(try ModelInputs.tokenizerClaim(teacher)) }
      return claims
    }
  }

  /// A note where the student's own tokenizer gives way to the one that was named.
  private var replacement: RecipeNote? {
    guard let path = settings.tokenizer else { return nil }
    let (own, named) = (TokenizerClaim(model: settings.student), try? find()?.tokenizer)
    guard let named, !own.agrees(with: TokenizerClaim(named, path: path)) else { return nil }
    return .replacedTokenizer(path: settings.student, own: own.text, other: path)
  }

  /// Where tokenizers may lie: the teacher's folder, by the settings or by the samples, then the
  /// folders of the stores.
  private var folders: [String] {
    let samples = settings.data.samples.map { FileSystem.folder(of: $0) }
    let teachers = sources.compactMap { $0.samples?.provenance.teacher }.filter { !$0.isEmpty }
    let stores = sources.map(\.name).flatMap { [$0, FileSystem.folder(of: $0)] }
    let beside = teachers.flatMap { name in samples.map { [name, $0 + "/" + name] } ?? [name] }
    return [settings.teacher].compactMap { $0 } + beside + stores + [samples].compactMap { $0 }
  }

  private func named(_ path: String) throws(RecipeError) -> ModelText {
    let folder = FileSystem.isFolder(path: path) ? path : FileSystem.folder(of: path)
    if FileSystem.isFolder(path: path) || FileSystem.name(of: path) == "tokenizer.json" {
      let text = try naming(path) { try ModelText(folder: folder) }
      if text.tokenizer != nil { return text }
    }
    // Says what is wrong with it.
    let file = FileSystem.isFolder(path: path) ? ModelFolder.tokenizerPath(path) : path
    return try naming(path) { try ModelText(file: file) }
  }
}
