internal import RefluxFiles
internal import RefluxJSON
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets

/// The opened stores of a run, and their shares.
struct FeedStores {
  private(set) var sources: [FeedSource]
  /// All files and folders that were opened.
  private(set) var paths: [String]
  private let mix: FeedMix?
  private let name: String
  private let samples: String?
  /// How often the mix goes through each store; 1 where it does not say.
  var epochs: [Double] { mix?.sources.map { $0.epochs ?? 1 } ?? [1] }
  /// Whether the mix says how long a run is.
  var saysEpochs: Bool { mix?.sources[0].epochs != nil }

  /// Opens what the settings name.
  init(_ settings: SourceSettings) throws(RecipeError) {
    (name, samples) = (settings.name, settings.samples)
    mix = try settings.mix.map(Self.parse)
    paths = settings.paths(in: mix)
    sources = try (mix?.sources ?? []).map { entry throws(RecipeError) in
      var source = try Self.open(
        settings.path(entry.tokens), entry.samples.map(settings.path),
        weights: entry.weights.map(settings.path))
      (source.tokenWeight, source.alpha) = (entry.tokenWeight, entry.alpha)
      return source
    }
    if let tokens = settings.tokens {
      sources = [try Self.open(tokens, settings.samples, weights: settings.weights)]
    }
  }

  /// What the token stores say about their tokenizers.
  var claims: [TokenizerClaim] {
    sources.map { TokenizerClaim(tokens: $0.tokens, name: $0.name) }
  }

  /// The folders of the token stores, where their tokenizers may lie.
  var folders: [String] { sources.map { FileSystem.folder(of: $0.name) } }

  /// The context of the samples; nil without any.
  var context: Int? {
    sources.lazy.compactMap { $0.samples?.context }.first
  }

  /// How the samples' windows were cut; nil without any.
  var packing: Packing? {
    sources.lazy.compactMap { $0.samples?.packing }.first
  }

  /// Shares as whole numbers of windows, and the phases; plans.
  mutating func plan(_ configuration: inout FeedConfiguration) throws(RecipeError) -> FeedPlan {
    do throws(FeedError) {
      if let mix { try weigh(mix, &configuration) }
      return try FeedSource.plan(sources, configuration)
    } catch {
      throw .feed(path: error.isOfSamples ? samples ?? name : name, error)
    }
  }

  fileprivate static func parse(_ path: String) throws(RecipeError) -> FeedMix {
    try naming(path) {
      let value = try JSONValue(parsing: FileSystem.readFile(path: path, as: .mix))
      guard let object = value.objectValue else { throw FeedError.mix("expected a JSON object") }
      return try FeedMix(json: object)
    }
  }

  private static func open(
    _ path: String, _ samples: String?, weights: String?
  ) throws(RecipeError) -> FeedSource {
    let tokens = try ModelInputs.tokens(path)
    let samples = try samples.map { samples throws(RecipeError) in
      try requireOneVocabulary(samples, tokens)
      return try ModelInputs.samples(samples, of: tokens)
    }
    let weights = try weights.map { weights throws(RecipeError) in
      try ModelInputs.weights(weights, of: tokens)
    }
    return FeedSource(name: path, tokens: tokens, samples: samples, weights: weights)
  }

  /// Other vocabularies have other tokens, too, but the tokens are not what is to be changed.
  private static func requireOneVocabulary(
    _ samples: String, _ tokens: TokenStore
  ) throws(RecipeError) {
    let found = try naming(samples) { try SampleStore(path: samples) }.vocabularySize
    if !PaddedVocabulary.mayBeOne(found, tokens.vocabularySize) {
      throw .learning(
        path: samples, .vocabularies(tokens: tokens.vocabularySize, samples: found))
    }
  }

  private mutating func weigh(
    _ mix: FeedMix, _ configuration: inout FeedConfiguration
  ) throws(FeedError) {
    try configuration.validate()
    let shares = mix.sources.map { $0.weight ?? 1 }
    if mix.sources[0].epochs != nil {
      var unplaced = configuration
      unplaced.position = nil
      let plan = try FeedSource.plan(sources, unplaced)
      let weights = FeedMix.weights(epochs: epochs, windows: plan.windowCounts)
      for index in sources.indices { sources[index].weight = weights[index] }
    } else {
      let weights = try FeedMix.whole(shares, stores: sources.count)
      for index in sources.indices { sources[index].weight = weights[index] }
    }
    configuration.phases = try mix.phases.map { phase throws(FeedError) in
      BlendPhase(
        firstWindow: phase.fromToken / configuration.window,
        weights: try FeedMix.whole(phase.weights, stores: sources.count))
    }
  }
}

extension SourceSettings {
  /// All files and folders that are named, by the settings or by the mix.
  ///
  /// - Throws: `file`, `json` or `feed` for a mix that cannot be read.
  public func paths() throws(RecipeError) -> [String] {
    paths(in: try mix.map(FeedStores.parse))
  }

  fileprivate func paths(in mix: FeedMix?) -> [String] {
    let mixed =
      mix?.sources.flatMap { [$0.tokens, $0.samples, $0.weights].compactMap { $0 } } ?? []
    return [self.mix, tokens, samples, weights].compactMap { $0 } + mixed.map(path)
  }

  /// A path of a mix counts from the folder of its file.
  fileprivate func path(_ path: String) -> String {
    FileSystem.path(path, from: FileSystem.folder(of: name))
  }
}

extension SampleStore {
  /// The context that the sets were made in; nil where the store does not say.
  var context: Int? { provenance.contextLength > 0 ? provenance.contextLength : nil }

  /// How the windows that the sets were made in were cut; nil where the store does not say.
  var packing: Packing? { provenance.knownPacking }
}

extension FeedError {
  /// Whether the sample store is the one that does not fit.
  var isOfSamples: Bool {
    switch self {
    case .unreadable(_, let isOfSamples): isOfSamples
    case .mismatch, .contextDiffers, .packingDiffers, .tooFewSamples, .missingScalar: true
    default: false
    }
  }
}
