internal import RefluxBytes
public import RefluxTargets

/// Something worth knowing that stops no recipe.
public enum RecipeNote: Sendable, Equatable, CustomStringConvertible {
  /// A part whose tokenizer cannot be compared with the others'.
  case tokenizer(String)
  /// Ids that are padding of a model's table, or of the tokens.
  case padding(path: String, String)
  /// The stores' `alpha` changes nothing.
  case idleAlpha(path: String, ObjectiveName)
  /// A teacher that is not run.
  case idleTeacher(path: String, ObjectiveName)
  /// Samples that nothing is learned from.
  case idleSamples(path: String, ObjectiveName)
  /// Samples of a power or a temperature, of which only the objectives are taken.
  case temperedSamples(path: String)
  /// A student's tokenizer that gives way to the one that was named.
  case replacedTokenizer(path: String, own: String, other: String)
  /// The model gets no tokenizer, and why.
  case noTokenizer(path: String, reason: String)
  /// The student's tokenizer puts an id before texts that no document of the store has there.
  case unseenBeginning(path: String, store: String)
  /// A run of so many steps has none left.
  case allStepsDone(Int)
  /// A run resumes at a step.
  case resumed(step: Int)
  /// The feed delivers nothing; what its lanes do, as JSON.
  case stalled(String)
  /// Windows of damaged blocks that were left out.
  case skippedWindows(Int)
  /// The windows of a capture, and the most tokens that the teacher could take where nobody chose.
  case windows(tokens: Int, possible: Int?)
  /// What a capture is going to come to.
  case forecast(CacheForecast)
  /// A file of the likeliest logits that does not say what all of a row add up to.
  case noSum(path: String)
  /// A store that is there already, made with the same settings.
  case alreadyStored(path: String)
  /// A prompt of which the last tokens alone were read.
  case longPrompt(tokens: Int, read: Int, positions: Int)
  /// A text that ended because the model's positions are full.
  case positionsFull(tokens: Int, positions: Int)

  /// The file or folder it is about; the description leaves it out.
  public var path: String? {
    switch self {
    case .padding(let path, _), .idleAlpha(let path, _), .idleTeacher(let path, _),
      .idleSamples(let path, _), .replacedTokenizer(let path, _, _), .noTokenizer(let path, _),
      .unseenBeginning(let path, _), .noSum(let path), .alreadyStored(let path),
      .temperedSamples(let path):
      path
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .tokenizer(let text), .padding(_, let text): text
    case .idleAlpha(_, let objective):
      "'alpha' changes nothing with the loss \(objective.rawValue)"
    case .idleTeacher(_, let objective):
      "the loss \(objective.rawValue) does not run a teacher; only its tokenizer is looked at"
    case .idleSamples(_, let objective):
      "the loss \(objective.rawValue) learns from no samples; only their windows count"
    case .temperedSamples:
      "the sets are not of the teacher's probabilities at temperature 1; there is no KL and no"
        + " acceptance of them"
    case .replacedTokenizer(_, let own, let other):
      "its tokenizer (\(own)) is replaced by \(other)"
    case .noTokenizer(_, let reason): "will have no tokenizer.json: \(reason)"
    case .unseenBeginning(_, let store):
      "its tokenizer puts an id before each text that no document of \(store) begins with"
    case .allStepsDone(let steps): "all \(steps) steps are done"
    case .resumed(let step): "resuming from the checkpoint of step \(step)"
    case .stalled(let state): "no batch for a minute: \(state)"
    case .skippedWindows(let count): "\(count) windows with damaged blocks were skipped"
    default: otherDescription
    }
  }

  private var otherDescription: String {
    switch self {
    case .windows(let tokens, let possible):
      "windows of \(Quantity.grouped(tokens)) tokens"
        + (possible.map { "; the teacher takes up to \(Quantity.grouped($0))" } ?? "")
    case .forecast(let forecast): forecast.description
    case .noSum:
      "has no 'logsumexp': the probabilities of each row are made to add up to 1, which is more"
        + " than they have"
    case .alreadyStored: "complete, made with the same settings; nothing to do"
    case .longPrompt(let tokens, let read, let positions):
      "the prompt has \(tokens) tokens, the model read the last \(read): it has \(positions)"
        + " positions"
    case .positionsFull(let tokens, let positions):
      "stopped after \(tokens) tokens: the \(positions) positions are full"
    default: ""
    }
  }
}
