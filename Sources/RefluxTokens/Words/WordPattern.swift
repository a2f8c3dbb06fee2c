internal import RefluxJSON

/// The rule by which text falls into words before any merge; no merge crosses a word's end.
enum WordPattern: Equatable, Sendable, CaseIterable {
  /// GPT-2's ``gpt2Expression``.
  case gpt2
  /// Every digit alone, then GPT-2's rule between the digits: SmolLM and StarCoder.
  case digits
  /// ``expression(digits:)`` with up to three digits in a word: Llama 3 and OLMo 2.
  case llama3
  /// ``expression(digits:)`` with one digit in a word: Qwen.
  case qwen2

  static let gpt2Expression =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// The expression of Llama 3 and Qwen; `digits` is how it matches digits.
  static func expression(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// The expression of a `Split` in a file.
  var expression: String {
    switch self {
    case .gpt2, .digits: WordPattern.gpt2Expression
    case .llama3: WordPattern.expression(digits: #"\p{N}{1,3}"#)
    case .qwen2: WordPattern.expression(digits: #"\p{N}"#)
    }
  }
}

extension WordPattern {
  /// The pre-tokenizers that can be honoured, in words for a refusal.
  static let supported =
    "'ByteLevel', or a 'Sequence' of 'Digits' (individual) or 'Split' by the expression of GPT-2, "
    + "Llama 3 or Qwen, then 'ByteLevel'"

  /// The pre-tokenizer in Hugging Face's layout.
  var json: JSONValue {
    switch self {
    case .gpt2:
      return TokenizerModel.byteLevel(usesPattern: true, addsSpace: false)
    case .digits:
      let digits: JSONObject = ["type": .string("Digits"), "individual_digits": .bool(true)]
      return sequence(.object(digits), usesPattern: true)
    case .llama3, .qwen2:
      let split: JSONObject = [
        "type": .string("Split"),
        "pattern": .object(["Regex": .string(expression)]),
        "behavior": .string("Isolated"),
        "invert": .bool(false),
      ]
      return sequence(.object(split), usesPattern: false)
    }
  }

  private func sequence(_ first: JSONValue, usesPattern: Bool) -> JSONValue {
    .object([
      "type": .string("Sequence"),
      "pretokenizers": .array([
        first, TokenizerModel.byteLevel(usesPattern: usesPattern, addsSpace: false),
      ]),
    ])
  }

  /// Reads a pre-tokenizer.
  ///
  /// - Throws: `TokenizerError` where it would cut words in any other way.
  init(_ field: JSONField) throws(TokenizerError) {
    let parts = try WordPattern.parts(of: field)
    guard let last = parts.last, parts.count <= 2, try last.type() == "ByteLevel" else {
      throw field.unsupported(WordPattern.supported)
    }
    if try last.flag("add_prefix_space", standard: true) {
      throw .unsupported(
        field: last.name + ".add_prefix_space", found: "true",
        supported: "false, because a text must decode to itself")
    }
    let usesPattern = try last.flag("use_regex", standard: true)
    self = parts.count == 1 ? .gpt2 : try WordPattern(first: parts[0])
    let needsPattern = parts.count == 1 || self == .digits
    guard usesPattern == needsPattern else {
      throw .unsupported(
        field: last.name + ".use_regex", found: "\(usesPattern)", supported: "\(needsPattern) here")
    }
  }

  private static func parts(of field: JSONField) throws(TokenizerError) -> [JSONField] {
    if field.value.isNull { return [] }
    guard try field.type() == "Sequence" else { return [field] }
    return try field.member("pretokenizers").elements()
  }

  /// The pattern of what stands before `ByteLevel` in a sequence.
  private init(first field: JSONField) throws(TokenizerError) {
    switch try field.type() {
    case "Digits":
      guard try field.flag("individual_digits", standard: false) else {
        throw .unsupported(
          field: field.name + ".individual_digits", found: "false", supported: "true")
      }
      self = .digits
    case "Split":
      self = try WordPattern(split: field)
    default:
      throw field.unsupported(WordPattern.supported)
    }
  }

  private init(split field: JSONField) throws(TokenizerError) {
    let behavior = try field.member("behavior")
    guard try behavior.string() == "Isolated" else { throw behavior.unsupported("'Isolated'") }
    let invert = try field.member("invert")
    guard invert.value.boolValue == false else { throw invert.unsupported("false") }
    let pattern = try field.member("pattern")
    if let text = try pattern.optional("String") {
      throw .unsupported(
        field: pattern.name, found: "a String \(text.found)",
        supported: "the expressions of GPT-2, Llama 3 and Qwen as a 'Regex'")
    }
    let expression = try pattern.member("Regex")
    switch try expression.string() {
    case WordPattern.gpt2Expression: self = .gpt2
    case WordPattern.llama3.expression: self = .llama3
    case WordPattern.qwen2.expression: self = .qwen2
    default: throw expression.unsupported("the expressions of GPT-2, Llama 3 and Qwen")
    }
  }
}
