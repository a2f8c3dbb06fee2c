/// The rule by which text falls into words before any merge; no merge crosses a word's end.
enum WordPattern: Equatable, Sendable {
  /// GPT-2's:
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  case gpt2
}
