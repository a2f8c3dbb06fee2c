public import RefluxBytes

/// Why settings, models and stores cannot learn together, or not on this machine. The file or
/// folder that it is about stands in ``RecipeError``.
public enum LearningError: Remediable, Equatable, Sendable, CustomStringConvertible {
  /// There is no model to load; `reason` says what is there and what to do.
  case noModel(reason: String)
  /// A model whose weights alone have more bytes than the machine's memory.
  case modelTooLarge(parameters: Int, needed: Double, available: Double)
  /// More memory than there is: what is going to run, what it needs and what is free, and advice
  /// that names settings in quotes.
  case memory(of: String, lack: String, advice: String)
  /// A run that was to resume has no checkpoint.
  case noCheckpoint
  /// Neither settings nor stores say how long a run is.
  case noLength
  /// Epochs of so many windows of so many tokens are not a step.
  case lessThanAStep(epochs: Double, windows: Int, window: Int)
  /// A model without the tokenizer that text needs.
  case noTokenizer
  /// A tokenizer with more ids than its model.
  case tokenizerTooLarge(found: Int, model: Int)
  /// A draft with fewer ids than the model's tokenizer.
  case draftTooSmall(found: Int, model: Int)
  /// A setting names a token that a tokenizer of so many ids does not have.
  case noToken(String, setting: String, ids: Int)
  /// Tokens and samples of two tokenizers.
  case vocabularies(tokens: Int, samples: Int)
  /// The position of a feed is none.
  case noPosition
  /// A range that ends after a store's records.
  case outOfRange(Range<Int>, records: Int)
  /// A range without records.
  case emptyRange(Range<Int>)

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .memory(_, _, let advice): .settings(advice)
    case .noCheckpoint: .settings("leave out 'resume' to start")
    case .noLength: .settings("give 'steps' or 'epochs'")
    case .lessThanAStep:
      .settings("use more text, a smaller 'batch', 'accumulate' or 'window'")
    case .noToken(_, let setting, let ids):
      .settings("'\(setting)' takes a token as the file spells it, or an id below \(ids)")
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .noModel(let reason): reason
    case .modelTooLarge(let parameters, let needed, let available):
      "a model of \(Quantity.scaled(Double(parameters), unit: "parameters")) needs "
        + Quantity.scaled(needed, unit: "bytes") + " of memory, the machine has "
        + Quantity.scaled(available, unit: "bytes") + "; use a smaller one"
    case .memory(let what, let lack, _): "\(what) needs about \(lack)"
    case .noCheckpoint: "there is no checkpoint to resume from"
    case .noLength: "does not say 'epochs'"
    case .lessThanAStep(let epochs, let windows, let window):
      "\(epochs) epochs of \(windows) windows of \(window) tokens are less than a step"
    case .noTokenizer: "has no tokenizer.json; add the one that made its tokens"
    case .tokenizerTooLarge(let found, let model):
      "has \(found) ids, the model \(model); use the one it was trained with"
    case .draftTooSmall(let found, let model):
      "the draft has \(found) ids, the model \(model); use a draft with the model's tokenizer and"
        + " vocab_size"
    case .noToken(let name, _, _): "has no token '\(name.prefix(60))'"
    case .vocabularies(let tokens, let samples):
      "token store and samples have vocabularies \(tokens) and \(samples); only 'uld' and 'gld'"
        + " compare across vocabularies"
    case .noPosition:
      "the position must be an object with step, data_step, epoch, window and plan"
    case .outOfRange(let range, let count):
      "has \(count) records, \(range) was asked for; name records within 0..<\(count)"
    case .emptyRange(let range): "the range \(range) is empty"
    }
  }
}
