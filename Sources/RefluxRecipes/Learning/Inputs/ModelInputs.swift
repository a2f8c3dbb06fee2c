internal import Foundation
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxStorage
internal import RefluxTokens

/// Opens what recipes of learning read; every error names its file.
enum ModelInputs {
  static func tokens(_ path: String) throws(RecipeError) -> TokenStore {
    try naming(path) { try TokenStore(path: path) }
  }

  static func samples(_ path: String, of tokens: TokenStore) throws(RecipeError) -> SampleStore {
    try naming(path) {
      let samples = try SampleStore(path: path)
      try samples.check(against: tokens)
      return samples
    }
  }

  static func weights(_ path: String, of tokens: TokenStore) throws(RecipeError) -> TokenWeights {
    try naming(path) {
      let weights = try TokenWeights(path: path)
      try weights.check(against: tokens)
      return weights
    }
  }

  /// The sizes of the model in a folder.
  static func configuration(_ folder: String) throws(RecipeError) -> DecoderConfiguration {
    if let reason = ModelFolder.lack(at: folder) {
      throw .learning(path: folder, .noModel(reason: reason))
    }
    let path = ModelFolder.configurationPath(folder)
    return try naming(path) { try ModelFolder.configuration(at: path) }
  }

  /// The same, where the weights alone fit the machine and the window the model.
  static func sizes(_ folder: String, window: Int) throws(RecipeError) -> DecoderConfiguration {
    let (sizes, path) = (try configuration(folder), ModelFolder.configurationPath(folder))
    try requireMemory(sizes, bytesPerParameter: 4, at: path)
    if window > sizes.positions {
      throw .model(path: path, .windowTooLong(found: window, positions: sizes.positions))
    }
    return sizes
  }

  /// The model in a folder.
  static func model(
    _ folder: String, window: Int, _ modelling: Modelling
  ) throws(RecipeError) -> any LanguageModel {
    let sizes = try sizes(folder, window: window)
    let model = try naming(ModelFolder.configurationPath(folder)) {
      try modelling.make(sizes, window: window)
    }
    try naming(ModelFolder.weightsFile(folder)) {
      try ModelFolder.loadWeights(into: model, from: folder)
    }
    return model
  }

  /// Refuses sizes that this machine cannot hold: the system would end the process without a word.
  static func requireMemory(
    _ sizes: DecoderConfiguration, bytesPerParameter: Int, at path: String
  ) throws(RecipeError) {
    try naming(path) { try sizes.validate() }
    let available = ProcessInfo.processInfo.physicalMemory
    let needed = Double(sizes.parameterCount) * Double(bytesPerParameter)
    if needed > Double(available) {
      throw .learning(
        path: path,
        .modelTooLarge(
          parameters: sizes.parameterCount, needed: needed, available: Double(available)))
    }
  }

  /// Says which ids are padding where two tables differ in size.
  static func notePadding(_ model: String, ids: Int, other: Int, to observer: StageObserver) {
    if let note = VocabularyFit.note(model: ids, other: other) {
      observer.note(.padding(path: model, note))
    }
  }

  /// What the folder of a model says about its tokenizer.
  static func tokenizerClaim(_ folder: String) throws(RecipeError) -> TokenizerClaim {
    _ = try configuration(folder)
    return TokenizerClaim(model: folder)
  }

  /// Refuses parts of different tokenizers; says which ones cannot be compared.
  ///
  /// - Parameter folders: where tokenizers may lie beside those that the claims are of.
  static func requireOneTokenizer(
    _ claims: [TokenizerClaim], folders: [String] = [], observer: StageObserver
  ) throws(RecipeError) {
    let agreement = TokenizerAgreement(claims, folders: folders)
    do {
      for note in try agreement.check() { observer.note(.tokenizer(note)) }
    } catch {
      guard case .otherTokenizer(let owner, _, _) = error else {
        throw .modelFiles(path: claims[0].owner, error)
      }
      throw .modelFiles(path: owner, error)
    }
  }

  /// The tokenizer of a model's folder, nil where it has none.
  static func tokenizer(_ folder: String) throws(RecipeError) -> Tokenizer? {
    let path = ModelFolder.tokenizerPath(folder)
    return FileSystem.exists(path: path) ? try tokenizer(at: path) : nil
  }

  static func tokenizer(at path: String) throws(RecipeError) -> Tokenizer {
    try naming(path) { try Tokenizer(json: FileSystem.readFile(path: path, as: .tokenizer)) }
  }

  /// The context to use: what was asked for, else the samples', else 256 or the model's positions
  /// where that is less.
  static func window(
    _ asked: Int?, samples: SampleStore? = nil, sizes: DecoderConfiguration
  ) -> Int {
    asked ?? samples?.context ?? min(256, sizes.positions)
  }
}
