public import RefluxBytes
public import RefluxLosses
public import RefluxModel
public import RefluxModelFiles
public import RefluxPipeline
public import RefluxSampling
public import RefluxTargets

/// Why an evaluation, a comparison of gradients or the drawing of a text stopped.
public enum EvaluationError: Remediable, CustomStringConvertible, RangedError {
  case configuration(name: String, found: String, expected: String)
  case tooFewTokens(found: Int, needed: Int)
  /// No token has a label: every document is one token long.
  case noLabels
  /// Sets of another distribution than the teacher's at temperature 1.
  case otherTarget(SetFacts)
  /// A model's logits are NaN or infinite.
  case logits(position: Int)
  case modelFiles(ModelFilesError)
  case model(ModelError)
  case feed(FeedError)
  case sampling(SamplingError)
  /// An objective that cannot be computed from these targets.
  case objective(ObjectiveError)

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .feed(let error): error.remedy
    case .modelFiles(let error): error.remedy
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .configuration(let name, let found, let expected):
      Self.text(name: name, found: found, expected: expected)
    case .tooFewTokens(let found, let needed): Self.text(tokens: found, needed: needed)
    case .noLabels:
      "no token has a label: every document is a single token; use longer documents or windows cut"
        + " without regard to them"
    case .otherTarget(let sets): Self.text(sets)
    case .logits(let position):
      "the logits at position \(position) are not finite; check the model's weights"
    case .modelFiles(let error): error.description
    case .model(let error): error.description
    case .feed(let error): error.description
    case .sampling(let error): error.description
    case .objective(let error): error.description
    }
  }

  private static func text(_ sets: SetFacts) -> String {
    let found =
      sets.isCorrected
      ? "of the teacher at temperature \(OptionValue.number(sets.temperature))"
      : "draws from p^\(OptionValue.number(sets.tau)), not corrected back to p"
    return "the sets are \(found); KL and acceptance need those of p at temperature 1"
  }
}

extension SetFacts {
  /// Whether the sets are an estimate of the teacher's own probabilities.
  public var areOfProbabilities: Bool { isCorrected && temperature == 1 }

  /// Refuses sets that are not.
  func requireProbabilities() throws(EvaluationError) {
    if !areOfProbabilities { throw .otherTarget(self) }
  }
}
