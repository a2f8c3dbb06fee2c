/// The kinds of file that are read into memory as a whole, each with the most bytes it may have.
///
/// A larger file is refused by its size, before a byte of it is read: it is another file than was
/// meant, or one that was made to fill the memory. The limits are twice and more of the largest
/// files that are known, for a tree of JSON values takes up to twenty times the text.
public enum WholeFile: Sendable, CaseIterable {
  /// A model's `config.json` or `generation_config.json`: some hundred lines.
  case modelConfiguration
  /// A `tokenizer_config.json` or `special_tokens_map.json`: published ones have up to 1.2 MB.
  case tokenizerConfiguration
  /// A `tokenizer.json`: published ones of 262,144 tokens have 33 MB.
  case tokenizer
  /// A store's `manifest.json`: some 160 bytes for each shard.
  case manifest
  /// The index of a model in several files: some 100 bytes for each tensor.
  case tensorIndex
  /// Several stores and their shares.
  case mix
  /// The settings of a run.
  case runFile
  /// What this program keeps of a run: its settings, its figures.
  case notes
  /// A table that the system makes when it is read; its size is given as 0.
  case systemTable

  /// The most bytes.
  public var limit: Int {
    switch self {
    case .modelConfiguration, .mix, .runFile: 1 << 20
    case .tokenizerConfiguration, .tensorIndex, .notes, .systemTable: 1 << 24
    case .tokenizer, .manifest: 1 << 26
    }
  }
}
