public import RefluxBytes
public import RefluxStorage
public import RefluxTargets

/// Why a feed cannot begin or continue.
public enum FeedError: Remediable, Equatable, Sendable, CustomStringConvertible {
  /// A field of the configuration is out of range.
  case configuration(field: String, found: Int, expected: ClosedRange<Int>)
  /// The store has fewer windows than one batch.
  case tooFewTokens(found: Int, needed: Int)
  /// The weights of the tokens leave fewer windows than one batch.
  case tooFewWeighted(found: Int, needed: Int)
  /// The samples do not belong to the tokens.
  case mismatch(StoreError)
  /// The teacher saw other windows than the ones asked for.
  case contextDiffers(contextLength: Int, stride: Int, window: Int)
  /// The teacher's windows were cut in another way than asked for.
  case packingDiffers(found: String, expected: Packing)
  /// The samples end before the last window of the tokens does.
  case tooFewSamples(found: Int, needed: Int)
  /// The samples of a source do not keep a number that was asked for.
  case missingScalar(TargetScalar, of: String)
  /// Some stores come with samples and some without.
  case missingSamples(of: String)
  /// Stores of different vocabularies.
  case vocabularies(String, found: Int, expected: Int)
  /// Shares that cannot be: none, negative, all zero, or another number than there are stores.
  case weights(found: [Int], stores: Int)
  /// Fractions that do not sum to 1.
  case weightSum(Double)
  /// A file of several stores that says something else.
  case mix(String)
  /// Phases of shares that do not ascend from the start of the run.
  case phase(firstWindow: Int)
  /// Ranges of steps to leave out that are empty, overlap or descend.
  case skippedSteps(Range<Int>)
  /// A position that was taken in another plan.
  case otherPlan(found: UInt64, expected: UInt64)
  /// A block of the token store cannot be read; the batch of this step cannot be made.
  case tokens(StoreError, step: Int)
  /// A block of the sample store cannot be read; the batch of this step cannot be made.
  case samples(StoreError, step: Int)
  /// A block of the weights of tokens cannot be read; the batch of this step cannot be made.
  case tokenWeights(StoreError, step: Int)
  /// One of several stores is at fault.
  indirect case blended(String, FeedError)
  /// The documents of a store cannot be read.
  case source(String, StoreError)
  /// A block of a store that is read in its own order, without steps.
  case unreadable(StoreError, isOfSamples: Bool)
  /// All steps asked for were delivered.
  case finished(steps: Int)
  /// The feed was told to stop.
  case cancelled

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .mismatch(let error), .tokens(let error, _), .samples(let error, _),
      .tokenWeights(let error, _), .source(_, let error), .unreadable(let error, _):
      error.remedy
    case .blended(_, let error): error.remedy
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .configuration(let field, let found, let expected):
      "\(field) is \(found); give a number in "
        + "\(expected.lowerBound)...\(expected.upperBound)"
    case .tooFewTokens(let found, let needed):
      "the store holds \(found) tokens, one batch needs \(needed); "
        + "use a smaller batch or window, or more text"
    case .tooFewWeighted(let found, let needed):
      "the weights leave \(found) windows, one batch needs \(needed); use a smaller batch, or "
        + "weights that keep more"
    case .mismatch(let error): error.description
    case .contextDiffers(let contextLength, let stride, let window):
      "the samples were made over windows of \(contextLength) tokens every \(stride), "
        + "the batches have windows of \(window); use the samples' window or make them again"
    case .packingDiffers(let found, let expected):
      "the teacher's windows were cut as '\(foreign: found)', the batches' as "
        + "'\(expected.rawValue)'; use the samples' packing or make them again, or allow "
        + "other windows and a biased target"
    case .tooFewSamples(let found, let needed):
      "the samples cover \(found) positions, the tokens' windows need \(needed); "
        + "make the samples again from the whole token store"
    case .missingScalar(let scalar, _):
      "the samples do not keep \(scalar.words); make them again and record '\(scalar.rawValue)'"
    case .tokens(let error, let step): "tokens of step \(step): \(error)"
    case .samples(let error, let step): "samples of step \(step): \(error)"
    case .tokenWeights(let error, let step): "weights of step \(step): \(error)"
    case .finished(let steps): "all \(steps) steps were delivered; ask for more steps"
    default: blendDescription
    }
  }

  private var blendDescription: String {
    switch self {
    case .missingSamples(let name):
      "\(name) has no samples and another store has; name samples for all stores or for none"
    case .vocabularies(let name, let found, let expected):
      "\(name) has a vocabulary of \(found), the stores before it of \(expected); "
        + "use stores of one tokenizer"
    case .weights(let found, let stores):
      "the weights \(found) do not share out \(stores) stores; give one of 0 or more for each, "
        + "not all 0"
    case .weightSum(let sum):
      "the weights sum to \(sum); give fractions that sum to 1, or whole numbers"
    case .mix(let reason): "\(reason)"
    case .phase(let firstWindow):
      "a phase begins at window \(firstWindow); let the first begin at 0 and each later than the "
        + "one before"
    case .skippedSteps(let steps):
      "the steps \(steps.lowerBound)..<\(steps.upperBound) cannot be left out; give ranges that "
        + "ascend and do not touch"
    case .otherPlan(let found, let expected):
      "the position belongs to plan \(hexadecimal(found)), these stores and settings make plan "
        + "\(hexadecimal(expected)); use those that the run began with"
    case .blended(let name, let error): "\(name): \(error)"
    case .source(let name, let error): "\(name): \(error)"
    case .unreadable(let error, _): error.description
    default: "cancelled; make a new feed to continue"
    }
  }
}
