import RefluxFiles
import RefluxModelFiles
import RefluxRecipes
import RefluxTraining

/// What `train` writes, checked before anything is loaded.
struct TrainOutputs {
  private let folder: String
  private let eventFolder: String?
  private let gate: OutputGate

  /// - Parameter stores: all stores that the run opens.
  init(_ run: TrainRun, reading stores: [String]) {
    let settings = run.settings
    folder = settings.output
    eventFolder = settings.tensorboard
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
    try gate.admit(
      folder: folder,
      files: [
        ("config.json", .model), ("model.safetensors", .model),
        ("model.safetensors.index.json", .model), ("checkpoint.safetensors", .model),
        (RunLog.metricsName, .metrics), (RunLog.eventsName, .events),
        (RunFolder.settingsName, .runFile),
      ])
    if let eventFolder {
      try gate.admit(folder: eventFolder, files: [(RunLog.eventsName, .events)])
    }
  }

  /// Passes the files for text, which may be there already with the same content.
  func check(_ text: ModelText?) throws(Failure) {
    for (name, bytes) in (text?.files ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = folder + "/" + name
      if (try? FileSystem.readFile(path: path, as: .tokenizer)) == bytes { continue }
      if FileSystem.isFolder(path: folder) { try gate.admit(path, as: .model) }
    }
  }
}
