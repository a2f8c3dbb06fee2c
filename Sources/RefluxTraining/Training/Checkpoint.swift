internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxKernels
internal import RefluxModel

/// The state of a run of training in one safetensors file, replaced whole: weights, both moments,
/// the step, and the identity of the run it belongs to.
enum Checkpoint {
  static func exists(at path: String) -> Bool { FileSystem.exists(path: path) }

  static func save<Element: Scalar>(
    _ optimizer: Optimizer<Element>, step: Int, identity: String, to path: String
  ) throws(TrainingError) {
    let metadata = ["format": "reflux-checkpoint-1", "step": "\(step)", "run": identity]
    try TensorFile.save(tensors(optimizer), metadata: metadata, to: path)
  }

  /// Fills weights and moments and returns the step to go on with.
  ///
  /// Throws `checkpointOfOtherRun` before anything is changed, `damagedCheckpoint` when the values
  /// do not have the hash that was stored with them.
  static func restore<Element: Scalar>(
    _ optimizer: Optimizer<Element>, identity: String, from path: String
  ) throws(TrainingError) -> Int {
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
    return step
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

  private static func tensors<Element: Scalar>(
    _ optimizer: Optimizer<Element>
  ) -> [TensorFile.Tensor] {
    let parts = [
      ("weights.", optimizer.decoder.weights), ("first_moments.", optimizer.firstMoments),
      ("second_moments.", optimizer.secondMoments),
    ]
    return parts.flatMap { prefix, values in
      optimizer.decoder.table.entries.map { entry in
        TensorFile.Tensor(
          name: prefix + entry.name, shape: entry.shape,
          values: values.slice(entry.offset, entry.count))
      }
    }
  }
}
