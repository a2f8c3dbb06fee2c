internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxKernels
internal import RefluxModel

/// The state of a run of training in one safetensors file, replaced whole: weights, both moments,
/// the step, and the identity of the run it belongs to.
enum Checkpoint {
  static func exists(at path: String) -> Bool { FileSystem.exists(path: path) }

  /// Where a run stands, beside its tensors.
  struct State {
    var step: Int
    var identity: String
    var watch: LossWatch

    var metadata: [String: String] {
      ["format": "reflux-checkpoint-1", "step": "\(step)", "run": identity, "mean": watch.text]
    }
  }

  /// Fills weights and moments and returns the step to go on with and the losses' mean.
  ///
  /// Throws `checkpointOfOtherRun` before anything is changed, `damagedCheckpoint` when the values
  /// do not have the hash that was stored with them.
  static func restore<Element: Scalar>(
    _ optimizer: Optimizer<Element>, identity: String, from path: String
  ) throws(TrainingError) -> (step: Int, watch: LossWatch) {
    let stored = try opened(path)
    let facts = stored.file.metadata
    guard facts["format"] == "reflux-checkpoint-1", let run = facts["run"],
      let step = facts["step"].flatMap({ Int($0) }), step >= 0
    else { throw .damagedCheckpoint(found: "its metadata names no run and step") }
    if run != identity { throw .checkpointOfOtherRun(found: run, expected: identity) }
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
    return (step, LossWatch(text: facts["mean"] ?? ""))
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
