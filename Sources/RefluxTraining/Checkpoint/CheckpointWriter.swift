internal import Dispatch
internal import RefluxFiles
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import Synchronization

/// Writes a run's checkpoints while its next steps run.
///
/// A checkpoint is first copied apart, which takes as long as reading and writing the state once;
/// what happens to the copy afterwards costs the run nothing but bandwidth. The file at the path is
/// replaced whole, and of those before it as many are kept as asked for, each under the path with
/// its step before the ending. Memory: 12 bytes per parameter, written to from the first checkpoint
/// on.
@safe
final class CheckpointWriter: @unchecked Sendable {
  // Safe because: the copy is touched by the caller only while the queue is idle.
  let path: String
  private let kept: Int
  private let queue = DispatchQueue(label: "reflux.checkpoint")
  private let failure = Mutex<TrainingError?>(nil)
  private let copy: TrainingState
  private let arena = Arena()

  init(_ state: TrainingState, path: String, kept: Int) {
    self.path = path
    self.kept = kept
    copy = state.room(in: arena)
  }

  /// Begins to write the state as it is now, when the checkpoint before it is done.
  ///
  /// - Throws: what went wrong with an earlier one.
  func begin(_ state: Checkpoint.State, _ values: TrainingState) throws(TrainingError) {
    try finish()
    copy.copy(from: values)
    queue.async { [self] in
      do throws(TrainingError) { try write(state) } catch { failure.withLock { $0 = error } }
    }
  }

  /// Waits for what was begun.
  ///
  /// - Throws: what went wrong, once.
  func finish() throws(TrainingError) {
    queue.sync {}
    let error = failure.withLock { failure in
      defer { failure = nil }
      return failure
    }
    if let error { throw error }
  }

  private func write(_ state: Checkpoint.State) throws(TrainingError) {
    do { try TensorFile.save(copy.tensors, metadata: state.metadata, to: path) } catch {
      throw TrainingError(error)
    }
    if kept == 1 { return }
    do {
      // A second name for the file, which stays when the first one gets the next checkpoint.
      try FileSystem.link(path, as: name(ofStep: state.step))
      for step in steps.dropLast(kept) { try FileSystem.remove(path: name(ofStep: step)) }
    } catch { throw .file(error) }
  }

  private func name(ofStep step: Int) -> String {
    let (stem, ending) = split
    return "\(stem)-\(step)\(ending)"
  }

  /// The steps of the checkpoints that are there, ascending.
  private var steps: [Int] {
    let (stem, ending) = split
    let prefix = FileSystem.name(of: stem) + "-"
    let names = (try? FileSystem.names(in: FileSystem.folder(of: path))) ?? []
    return names.compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(ending) else { return nil }
      return Int(name.dropFirst(prefix.count).dropLast(ending.count))
    }.sorted()
  }

  private var split: (stem: String, ending: String) {
    let name = FileSystem.name(of: path)
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (path, "") }
    let ending = String(name[dot...])
    return (String(path.dropLast(ending.count)), ending)
  }
}
