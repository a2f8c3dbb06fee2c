public import RefluxStorage

/// Why a feed cannot begin or go on.
public enum FeedError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A field of the configuration is out of range.
  case configuration(field: String, found: Int, expected: ClosedRange<Int>)
  /// The store has fewer windows than one batch.
  case tooFewTokens(found: Int, needed: Int)
  /// The samples do not belong to the tokens.
  case mismatch(StoreError)
  /// The teacher saw other windows than the ones asked for.
  case contextDiffers(contextLength: Int, stride: Int, window: Int)
  /// The samples end before the last window of the tokens does.
  case tooFewSamples(found: Int, needed: Int)
  /// A block of the token store cannot be read; the batch of this step cannot be made.
  case tokens(StoreError, step: Int)
  /// A block of the sample store cannot be read; the batch of this step cannot be made.
  case samples(StoreError, step: Int)
  /// All steps asked for were delivered.
  case finished(steps: Int)

  public var description: String {
    switch self {
    case .configuration(let field, let found, let expected):
      "\(field) is \(found); give a number in "
        + "\(expected.lowerBound)...\(expected.upperBound)"
    case .tooFewTokens(let found, let needed):
      "the store holds \(found) tokens, one batch needs \(needed); "
        + "use a smaller batch or window, or more text"
    case .mismatch(let error): error.description
    case .contextDiffers(let contextLength, let stride, let window):
      "the samples were made over windows of \(contextLength) tokens every \(stride), "
        + "the batches have windows of \(window); use the samples' window or make them again"
    case .tooFewSamples(let found, let needed):
      "the samples cover \(found) positions, the tokens' windows need \(needed); "
        + "make the samples again from the whole token store"
    case .tokens(let error, let step): "tokens of step \(step): \(error)"
    case .samples(let error, let step): "samples of step \(step): \(error)"
    case .finished(let steps): "all \(steps) steps were delivered; ask for more steps"
    }
  }
}
