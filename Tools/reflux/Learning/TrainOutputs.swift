import RefluxFiles
import RefluxTraining

/// What `train` writes, checked before anything is loaded.
struct TrainOutputs {
  private let folder: String
  private let watching: WatchOptions
  private let gate: OutputGate

  /// - Parameter stores: all stores that the run opens.
  init(_ verb: TrainVerb, reading stores: [String]) {
    folder = verb.output
    watching = verb.watching
    // The files of a run that goes on are its own to replace.
    let goesOn = FileSystem.exists(path: folder + "/checkpoint.safetensors")
    let inputs = [verb.student, verb.teacher, verb.tokenizer, verb.watching.heldOut]
    gate = OutputGate(
      reading: stores + inputs.compactMap { $0 }, replaces: verb.replacing.force || goesOn)
  }

  /// Passes everything but the files for text through the gate.
  func check() throws(Failure) {
    let names: [(name: String, kind: OutputKind)] = [
      ("config.json", .model), ("model.safetensors", .model),
      ("model.safetensors.index.json", .model), ("checkpoint.safetensors", .model),
      (RunLog.metricsName, .metrics),
    ]
    try gate.admit(folder: folder, files: names)
    if let root = watching.tensorboard { try gate.admit(folder: root, files: []) }
    let eventFolder = watching.eventFolder(output: folder)
    // Without a log in its own folder the run has never written events.
    let hasBegun = FileSystem.exists(path: folder + "/" + RunLog.metricsName)
    try gate.admit(
      folder: eventFolder, files: [(RunLog.eventsName, .events(areOwn: hasBegun))])
    let files = names.map { folder + "/" + $0.name } + [eventFolder + "/" + RunLog.eventsName]
    do throws(OutputError) { try OutputGate.checkApart(files) } catch { throw Failure(error) }
  }

  /// Passes the files for text, which may be there already with the same content.
  func check(_ text: ModelText?) throws(Failure) {
    guard FileSystem.isFolder(path: folder) else { return }
    for (name, bytes) in (text?.files ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = folder + "/" + name
      let isThere = (try? FileSystem.readFile(path: path, as: .tokenizer)) == bytes
      try (isThere ? OutputGate(reading: [], replaces: true) : gate).admit(path, as: .model)
    }
  }
}
