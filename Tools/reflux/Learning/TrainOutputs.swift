import RefluxFiles
import RefluxModelFiles
import RefluxRecipes
import RefluxTraining

/// What `train` writes, checked before anything is loaded.
struct TrainOutputs {
  private let folder: String
  private let root: String?
  private let eventFolder: String
  private let gate: OutputGate

  /// - Parameter stores: all stores that the run opens.
  init(_ run: TrainRun, reading stores: [String]) {
    let settings = run.settings
    folder = settings.output
    (root, eventFolder) = (settings.tensorboard, settings.eventFolder)
    // The files of a run that goes on are its own to replace.
    let goesOn = FileSystem.exists(path: folder + "/checkpoint.safetensors")
    let inputs = [
      settings.student, settings.teacher, settings.tokenizer, settings.heldOut,
      settings.fromCheckpoint,
    ]
    gate = OutputGate(
      reading: stores + inputs.compactMap { $0 }, replaces: run.verb.replacing.force || goesOn)
  }

  /// Passes everything but the files for text through the gate.
  func check() throws(Failure) {
    let names: [(name: String, kind: OutputKind)] = [
      ("config.json", .model), ("model.safetensors", .model),
      ("model.safetensors.index.json", .model), ("checkpoint.safetensors", .model),
      (RunLog.metricsName, .metrics), (RunFolder.settingsName, .runFile),
    ]
    try gate.admit(folder: folder, files: names)
    if let root { try gate.admit(folder: root, files: []) }
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
