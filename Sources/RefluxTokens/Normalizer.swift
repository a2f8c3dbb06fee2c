internal import RefluxJSON

/// The normalizer of a file: whether it composes canonically, and its other parts, which belong to
/// the form of a tokenizer over characters.
struct Normalizer {
  /// Whether a part is NFC.
  private(set) var isCanonical = false
  /// The other parts in their order.
  private(set) var others: [JSONField] = []

  /// Reads a normalizer; sequences within sequences are laid out flat.
  init(_ field: JSONField?) throws(TokenizerError) {
    if let field { try add(field) }
  }

  private mutating func add(_ field: JSONField) throws(TokenizerError) {
    switch try field.type() {
    case "NFC": isCanonical = true
    case "Sequence":
      for part in try field.member("normalizers").elements() { try add(part) }
    default: others.append(field)
    }
  }
}
