internal import RefluxBytes
internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxJSON
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline

/// The state of a run of training in one safetensors file, replaced whole: weights, both moments,
/// the step, the feed's position, and the identity of the run it belongs to.
enum Checkpoint {
  static func exists(at path: String) -> Bool { FileSystem.exists(path: path) }

  /// Where a run stands, beside its tensors.
  struct State {
    var step: Int
    var identity: RunIdentity
    /// Steps that the moments have seen before the run's first one.
    var earlierSteps: Int
    /// Nil in files of before positions were kept: the feed's step is then the run's.
    var position: FeedPosition?
    var watch: LossWatch

    init(
      step: Int, identity: RunIdentity, earlierSteps: Int, position: FeedPosition?,
      watch: LossWatch
    ) {
      self.step = step
      self.identity = identity
      self.earlierSteps = earlierSteps
      self.position = position
      self.watch = watch
    }

    /// Nil where the metadata names no run and step.
    init?(metadata: [String: String]) {
      guard metadata["format"] == "reflux-checkpoint-1", let run = metadata["run"],
        let step = Self.step(metadata["step"]), let earlier = Self.step(metadata["earlier"] ?? "0")
      else { return nil }
      let position = metadata["position"].flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        .flatMap(\.objectValue).flatMap { FeedPosition(json: $0) }
      if metadata["position"] != nil && position == nil { return nil }
      self.init(
        step: step, identity: RunIdentity(text: run), earlierSteps: earlier, position: position,
        watch: LossWatch(text: metadata["mean"] ?? ""))
    }

    /// A count of steps that a run can have.
    private static func step(_ text: String?) -> Int? {
      text.flatMap { Int($0) }.flatMap { (0...1 << 40).contains($0) ? $0 : nil }
    }

    var metadata: [String: String] {
      var facts = [
        "format": "reflux-checkpoint-1", "step": "\(step)", "run": identity.text,
        "mean": watch.text,
      ]
      if earlierSteps > 0 { facts["earlier"] = "\(earlierSteps)" }
      if let position {
        facts["position"] = String(
          decoding: JSONValue.object(position.json).encoded(), as: UTF8.self)
      }
      return facts
    }
  }

  /// Fills weights and moments and returns where the run stands.
  ///
  /// - Throws: what `check`, which gets the state and the hash of the values, throws before
  ///   anything is changed; `damagedCheckpoint` when the values do not have the hash.
  static func restore(
    _ engine: any StepEngine, from path: String,
    check: (State, _ hash: String) throws(TrainingError) -> Void
  ) throws(TrainingError) -> State {
    let stored = try opened(path)
    let facts = stored.file.metadata
    guard let state = State(metadata: facts) else {
      throw .damagedCheckpoint(found: "its metadata names no run, step and position")
    }
    try check(state, facts[TensorFile.hashKey] ?? "")
    try engine.replaceState { own throws(TrainingError) in
      try copy(stored, into: own.tensors)
    }
    return state
  }

  private static func copy(
    _ stored: MappedTensors, into tensors: [TensorFile.Tensor]
  ) throws(TrainingError) {
    for tensor in tensors {
      do { try stored.read(tensor.name, shape: tensor.shape, into: tensor.values) } catch {
        throw .damagedCheckpoint(found: finding(of: error))
      }
    }
    if stored.file.metadata[TensorFile.hashKey] != hexadecimal(TensorFile.hash(tensors)) {
      throw .damagedCheckpoint(found: "its values do not match their hash")
    }
  }

  private static func opened(_ path: String) throws(TrainingError) -> MappedTensors {
    do { return try MappedTensors(path: path) } catch {
      if case .file = error { throw TrainingError(error) }
      throw .damagedCheckpoint(found: finding(of: error))
    }
  }

  /// What was found, without the advice, which for a checkpoint is another.
  private static func finding(of error: ModelFilesError) -> String {
    String(error.description.prefix { $0 != ";" })
  }
}
