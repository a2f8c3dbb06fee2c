internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxJSON
internal import RefluxKernels
internal import RefluxModel
internal import RefluxPipeline

/// The state of a run of training in one safetensors file, replaced whole: weights, both moments,
/// the step, the feed's position, and the identity of the run it belongs to.
enum Checkpoint {
  static func exists(at path: String) -> Bool { FileSystem.exists(path: path) }

  /// Where a run stands, beside its tensors.
  struct State {
    var step: Int
    var identity: String
    /// Nil in files of before positions were kept: the feed's step is then the run's.
    var position: FeedPosition?
    var watch: LossWatch

    init(step: Int, identity: String, position: FeedPosition?, watch: LossWatch) {
      self.step = step
      self.identity = identity
      self.position = position
      self.watch = watch
    }

    /// Nil where the metadata names no run and step.
    init?(metadata: [String: String]) {
      guard metadata["format"] == "reflux-checkpoint-1", let run = metadata["run"],
        let step = metadata["step"].flatMap({ Int($0) }), step >= 0
      else { return nil }
      let object = metadata["position"].flatMap {
        try? JSONValue(parsing: Array($0.utf8)).objectValue
      }
      if metadata["position"] != nil && object == nil { return nil }
      let position = object.flatMap { FeedPosition(json: $0) }
      self.init(
        step: step, identity: run, position: position,
        watch: LossWatch(text: metadata["mean"] ?? ""))
    }

    var metadata: [String: String] {
      var facts = [
        "format": "reflux-checkpoint-1", "step": "\(step)", "run": identity, "mean": watch.text,
      ]
      if let position {
        facts["position"] = String(
          decoding: JSONValue.object(position.json).encoded(), as: UTF8.self)
      }
      return facts
    }
  }

  /// Fills weights and moments and returns where the run stands.
  ///
  /// Throws `checkpointOfOtherRun` before anything is changed, `damagedCheckpoint` when the values
  /// do not have the hash that was stored with them.
  static func restore<Element: Scalar>(
    _ optimizer: Optimizer<Element>, identity: String, from path: String
  ) throws(TrainingError) -> State {
    let stored = try opened(path)
    let facts = stored.file.metadata
    guard let state = State(metadata: facts) else {
      throw .damagedCheckpoint(found: "its metadata names no run, step and position")
    }
    if state.identity != identity {
      throw .checkpointOfOtherRun(found: state.identity, expected: identity)
    }
    let tensors = tensors(optimizer)
    for tensor in tensors {
      do { try stored.read(tensor.name, shape: tensor.shape, into: tensor.values) } catch {
        throw .damagedCheckpoint(found: finding(of: error))
      }
    }
    if facts[TensorFile.hashKey] != hexadecimal(TensorFile.hash(tensors)) {
      throw .damagedCheckpoint(found: "its values do not match their hash")
    }
    optimizer.decoder.weightsChanged()
    return state
  }

  private static func opened(_ path: String) throws(TrainingError) -> MappedTensors {
    do { return try MappedTensors(path: path) } catch {
      if case .file = error { throw error }
      throw .damagedCheckpoint(found: finding(of: error))
    }
  }

  /// What was found, without the advice, which for a checkpoint is another.
  private static func finding(of error: TrainingError) -> String {
    String(error.description.prefix { $0 != ";" })
  }

  /// The three parts of a run's state, each in the order of the decoder's table; tensors that have
  /// no second moments are left out of those.
  static func parts<Element: Scalar>(_ optimizer: Optimizer<Element>) -> [View<Float>] {
    [optimizer.decoder.weights, optimizer.firstMoments, optimizer.secondMoments]
  }

  static func tensors<Element: Scalar>(
    _ optimizer: Optimizer<Element>, from parts: [View<Float>]? = nil
  ) -> [TensorFile.Tensor] {
    let entries = optimizer.decoder.table.entries
    let offsets: [Int?] = entries.map(\.offset)
    let places = [
      ("weights.", offsets), ("first_moments.", offsets),
      ("second_moments.", optimizer.secondOffsets),
    ]
    return zip(places, parts ?? Self.parts(optimizer)).flatMap { place, values in
      zip(entries, place.1).compactMap { entry, offset in
        offset.map { offset in
          TensorFile.Tensor(
            name: place.0 + entry.name, shape: entry.shape,
            values: values.slice(offset, entry.count))
        }
      }
    }
  }
}
