internal import RefluxFiles

/// Whether all that a run puts together speaks of one tokenizer: equal ids of two tokenizers mean
/// two texts, and nothing in the numbers shows it.
public struct TokenizerAgreement {
  private let claims: [TokenizerClaim]
  /// Folders whose tokenizer.json may know both the old and the new hash of a tokenizer.
  private let folders: [String]

  /// - Parameters:
  ///   - claims: the first one that says something is what the others must agree with.
  ///   - folders: where tokenizers may lie that tell whether two different hashes are of one:
  ///     stores of older versions hold another hash (SPEC.md, section 8.2).
  public init(_ claims: [TokenizerClaim], folders: [String] = []) {
    self.claims = claims
    self.folders = folders
  }

  /// Compares.
  ///
  /// - Returns: a note for each claim that says nothing, so that it is not passed over in silence.
  /// - Throws: `otherTokenizer` for the first claim that disagrees.
  /// - Complexity: of two hashes nothing; a tokenizer.json of `folders` is read only where hashes
  ///   differ.
  public func check() throws(ModelFilesError) -> [String] {
    guard let first = claims.first(where: \.isKnown) else {
      return claims.count < 2 ? [] : ["no tokenizer is known: equal ids are taken for equal texts"]
    }
    for claim in claims where !first.agrees(with: claim) && !areOne(first, claim) {
      throw .otherTokenizer(owner: claim.owner, found: claim.text, expected: first.text)
    }
    if claims.count < 2 { return [] }
    return claims.compactMap { claim in
      claim.silence.map {
        "\(claim.owner): \($0); its ids are taken for those of \(first.text)"
      }
    }
  }

  /// Whether some tokenizer at hand has both hashes.
  private func areOne(_ one: TokenizerClaim, _ other: TokenizerClaim) -> Bool {
    guard case .hash = one.evidence, case .hash = other.evidence else { return false }
    let known = claims.filter { $0.tokenizer != nil }
    let isBoth = { (claim: TokenizerClaim) in
      claim.tokenizer != nil && claim.agrees(with: one) && claim.agrees(with: other)
    }
    return known.contains(where: isBoth)
      || folders.lazy.map { TokenizerClaim(model: $0) }.contains(where: isBoth)
  }
}
