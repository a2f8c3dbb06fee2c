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
