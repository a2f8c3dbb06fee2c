internal import RefluxBytes
public import RefluxFiles
public import RefluxInterchange
public import RefluxKernels
public import RefluxModel
public import RefluxPipeline
public import RefluxSampling
public import RefluxStorage
public import RefluxTokens

/// Why training, capture or evaluation stopped.
public enum TrainingError: Error, CustomStringConvertible {
  case configuration(name: String, found: String, expected: String)
  /// An option that would change nothing but the run's name.
  case idle(name: String, found: String, reason: String)
  /// The loss or the gradient is not a number at a step, or the loss a spike.
  case diverged(
    step: Int, what: String, batches: Range<Int>, windows: [Int], checkpoint: String?)
  case vocabulary(found: Int, expected: Int)
  /// A store or a model's folder whose ids are of another tokenizer; both with their hashes.
  case otherTokenizer(owner: String, found: String, expected: String)
  /// A stored id for which the smaller of two tables has no row.
  case idInPadding(found: Int, vocabulary: Int)
  case missing(what: String, objective: Objective)
  case samplesDoNotFit(found: String, objective: Objective)
  /// What of its run is different from this one, in words.
  case checkpointOfOtherRun([String])
  /// A checkpoint that a run cannot be started from.
  case startingCheckpoint(found: String)
  case damagedCheckpoint(found: String)
  case tooFewTokens(found: Int, needed: Int)
  /// No token has a label: every document is one token long.
  case noLabels
  /// A sample set that the loss has no meaning for, in a row of the batch.
  case target(step: Int, row: Int, LossError)
  /// A model's logits are NaN or infinite.
  case logits(position: Int)
  /// A weight in a model's file is NaN or infinite.
  case weight(tensor: String, element: Int, found: Float)
  /// A weight that the format of a file has no finite number for.
  case weightBeyondFormat(tensor: String, element: Int, found: Float, format: WeightFormat)
  /// A file beside a model's weights, by its name, and what is wrong with it.
  case sideFile(name: String, String)
  case tokenizer(TokenizerError)
  /// The values of a model's file do not have the hash that was stored with them.
  case damagedModel
  /// What is wrong with one of a model's files.
  indirect case shard(name: String, TrainingError)
  /// Logits made elsewhere that are not as many rows as there are tokens.
  case foreignRows(found: Int, expected: Int)
  /// What is wrong with a row of logits made elsewhere.
  case foreignRow(Int, String)
  /// A file of a run's log cannot be read or written.
  case recording(name: String, FileError)
  case model(ModelError)
  case store(StoreError)
  case feed(FeedError)
  case file(FileError)
  case sampling(SamplingError)
  case interchange(InterchangeError)

  public var description: String {
    switch self {
    case .configuration(let name, let found, let expected):
      "\(name) is \(found), expected \(expected)"
    case .idle(let name, let found, let reason):
      "\(name) of \(found) changes nothing: \(reason); leave it out"
    case .diverged(let step, let what, let batches, let windows, let checkpoint):
      "\(what) at step \(step) (batches \(batches.lowerBound)..<\(batches.upperBound) of the plan,"
        + " windows \(listed(windows)): 'reflux explain-step' has their records, --skip leaves them"
        + " out); lower the learning rate and start again"
        + (checkpoint.map { " (the checkpoint \($0) is intact)" } ?? "")
    case .vocabulary(let found, let expected):
      "the model has \(found) ids, the store \(expected); use the tokens of the model's tokenizer"
    case .otherTokenizer(_, let found, let expected):
      "its tokenizer (\(found)) is not that of the other ids (\(expected)): equal ids mean other"
        + " texts; tokenize the text with the model's tokenizer.json, or name what belongs together"
    case .idInPadding(let found, let vocabulary):
      "id \(found) is stored, the model has \(vocabulary) ids: only padding may lie beyond"
        + " them; use a model with a row for every token"
    case .missing(let what, let objective):
      "loss '\(objective.rawValue)' needs \(what)"
    case .samplesDoNotFit(let found, let objective):
      "samples of the estimator '\(foreign: found)' do not fit the loss '\(objective.rawValue)'; "
        + (objective.needsTopSets ? "cache with the estimator 'topk'" : "use the loss 'topk'")
    case .checkpointOfOtherRun(let differences):
      "belongs to another run (\(differences.joined(separator: "; "))); choose another output"
        + " folder, and --from-checkpoint to start from this one's weights and moments"
    case .startingCheckpoint(let found):
      "cannot be started from: \(found); name a checkpoint of the same model and optimizer"
    case .damagedCheckpoint(let found):
      "not a usable checkpoint: \(found); delete it to start again"
    case .tooFewTokens(let found, let needed):
      "holds \(found) tokens, at least \(needed) are needed; use more text or smaller windows"
    case .noLabels:
      "no token has a label: every document is a single token; use longer documents or windows cut"
        + " without regard to them"
    case .target(let step, let row, let error):
      "the sample set of row \(row) of step \(step): \(error)"
    case .logits(let position):
      "the logits at position \(position) are not finite; check the model's weights"
    case .weight(let tensor, let element, let found):
      "element \(element) of tensor '\(foreign: tensor)' is \(found), expected a finite number;"
        + " use a model whose training did not diverge"
    case .weightBeyondFormat(let tensor, let element, let found, let format):
      "element \(element) of tensor '\(foreign: tensor)' is \(found), too large for"
        + " \(format.rawValue); save bfloat16 or float32"
    case .damagedModel:
      "the values do not match the hash in the file's metadata (\(TensorFile.hashKey)); copy the"
        + " file again, or remove the hash if they were changed on purpose"
    case .shard(let name, let error): "\(foreign: name): \(error)"
    case .sideFile(let name, let what): "\(name): \(what); mend the file or remove it"
    case .tokenizer(let error): error.description
    case .foreignRows(let found, let expected):
      "holds \(found) rows, the token store \(expected) tokens; name the logits of these tokens"
    case .foreignRow(let row, let what): "row \(row): \(what); make the file again"
    case .recording(let name, let error): "\(name): \(error)"
    case .model(let error): error.description
    case .store(let error): error.description
    case .feed(let error): error.description
    case .file(let error): error.description
    case .sampling(let error): error.description
    case .interchange(let error): error.description
    }
  }
}

/// The first of a step's windows.
private func listed(_ windows: [Int]) -> String {
  let first = windows.prefix(8).map(String.init).joined(separator: ", ")
  return windows.count > 8 ? first + ", ..." : first
}
