internal import RefluxStorage
internal import RefluxTargets

extension FeedSource {
  /// Checks the stores against each other, and plans.
  ///
  /// - Throws: what ``Feed`` throws at its start.
  /// - Complexity: constant; where documents are packed that of ``PackedWindows``; where tokens
  ///   have weights one pass over those.
  public static func plan(
    _ sources: [FeedSource], _ configuration: FeedConfiguration
  ) throws(FeedError) -> FeedPlan {
    try configuration.validate()
    var shapes: [SourceShape] = []
    for source in sources {
      var shape = try SourceShape(
        source.tokens, name: source.name, window: configuration.window,
        packing: configuration.packing)
      if let weights = source.weights {
        do throws(StoreError) {
          try weights.check(against: source.tokens)
          try shape.keepWindows(of: weights, window: configuration.window)
        } catch { throw .source(source.name, error) }
      }
      shapes.append(shape)
    }
    let plan = try FeedPlan(
      shapes, weights: sources.map(\.weight), configuration: configuration)
    for (number, source) in sources.enumerated() {
      do throws(FeedError) {
        try source.check(against: sources[0])
        try source.checkSamples(
          configuration, shapes[number], windows: plan.windowCounts[number])
      } catch {
        if sources.count == 1 { throw error }
        throw .blended(source.name, error)
      }
    }
    return plan
  }

  private func check(against first: FeedSource) throws(FeedError) {
    if (samples == nil) != (first.samples == nil) {
      throw .missingSamples(of: samples == nil ? name : first.name)
    }
    let (found, expected) = (tokens.vocabularySize, first.tokens.vocabularySize)
    if !PaddedVocabulary.mayBeOne(found, expected) {
      throw .vocabularies(name, found: found, expected: expected)
    }
  }

  /// Refuses sets of other tokens or another context, without the scalars asked for, and too few
  /// for the first windows of a shape.
  func checkSamples(
    _ configuration: FeedConfiguration, _ shape: SourceShape, windows: Int
  ) throws(FeedError) {
    guard let samples else {
      if let scalar = configuration.scalars.first { throw .missingScalar(scalar, of: name) }
      return
    }
    do throws(StoreError) {
      try samples.check(against: tokens)
      try samples.checkWhole()
      if samples.isTokenWeights {
        throw .otherValues(found: "weights of tokens", expected: "sample sets")
      }
    } catch {
      throw .mismatch(error)
    }
    if !configuration.allowsOtherWindows { try check(samples.provenance, configuration) }
    let needed = shape.recordCount(ofWindows: windows, window: configuration.window)
    guard samples.count >= needed else {
      throw .tooFewSamples(found: samples.count, needed: needed)
    }
    for scalar in configuration.scalars where !samples.facts.scalars.contains(scalar) {
      throw .missingScalar(scalar, of: name)
    }
  }

  private func check(
    _ provenance: StoreProvenance, _ configuration: FeedConfiguration
  ) throws(FeedError) {
    let window = configuration.window
    guard provenance.contextLength == window, provenance.stride == window else {
      throw .contextDiffers(
        contextLength: provenance.contextLength, stride: provenance.stride, window: window)
    }
    let found = provenance.packing.isEmpty ? Packing.windows : provenance.knownPacking
    guard found == configuration.packing else {
      throw .packingDiffers(
        found: found?.rawValue ?? provenance.packing, expected: configuration.packing)
    }
  }
}
