internal import RefluxBytes
internal import RefluxMemory
public import RefluxModel

extension LanguageModel {
  /// XXH64 of sizes and choices, weights and the format of matrix products: two models that share
  /// it give the same logits.
  ///
  /// - Complexity: one pass over the weights.
  public var fingerprint: UInt64 {
    var hash = XXH64()
    var sizes = configuration
    sizes.specialTokens = SpecialTokens()
    // Of no use to a model that has its weights.
    sizes.initializerRange = DecoderConfiguration.usualInitializerRange
    let facts = sizes.json() + [UInt8](precision.rawValue.utf8)
    unsafe hash.update(facts.span.bytes)
    weights.withBytes { hash.update($0) }
    return hash.digest()
  }
}
