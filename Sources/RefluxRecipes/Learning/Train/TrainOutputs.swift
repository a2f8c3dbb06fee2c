internal import RefluxFiles
internal import RefluxModelFiles
internal import RefluxTraining

/// What a training writes, checked before anything is loaded.
struct TrainOutputs {
  private let folder: String
  private let root: String?
  private let eventFolder: String
  private let gate: OutputGate

  /// - Parameter stores: all stores that the run opens.
  init(_ recipe: TrainRecipe, reading stores: [String]) {
    let settings = recipe.settings
    folder = settings.output
    (root, eventFolder) = (settings.tensorboard, settings.eventFolder)
    // The files of a run that resumes are its own to replace.
    let goesOn = FileSystem.exists(path: folder + "/checkpoint.safetensors")
    let inputs = [
      recipe.newStudent == nil ? settings.student : nil, settings.teacher, settings.tokenizer,
      settings.heldOut, settings.fromCheckpoint, settings.table,
    ]
    gate = OutputGate(
      reading: stores + inputs.compactMap { $0 }, replaces: recipe.replaces || goesOn)
  }

  /// Passes everything but the files for text through the gate.
  func check() throws(RecipeError) {
    let names: [(name: String, kind: OutputKind)] = [
      ("config.json", .model), ("model.safetensors", .model),
      ("model.safetensors.index.json", .model), ("checkpoint.safetensors", .model),
      (RunLog.metricsName, .metrics), (RunFolder.settingsName, .runFile),
    ]
    // Without a log in its own folder the run has never written events.
    let hasBegun = FileSystem.exists(path: folder + "/" + RunLog.metricsName)
    let files = names.map { folder + "/" + $0.name } + [eventFolder + "/" + RunLog.eventsName]
    do throws(OutputError) {
      try gate.check(folder: folder, files: names)
      if let root { try gate.check(folder: root, files: []) }
      try gate.check(
        folder: eventFolder, files: [(RunLog.eventsName, .events(areOwn: hasBegun))])
      try OutputGate.checkApart(files)
    } catch {
      throw .output(error)
    }
  }

  /// Passes the files for text, which may be there already with the same content.
  func check(_ text: ModelText?) throws(RecipeError) {
    guard FileSystem.isFolder(path: folder) else { return }
    for (name, bytes) in (text?.files ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = folder + "/" + name
      let isThere = (try? FileSystem.readFile(path: path, as: .tokenizer)) == bytes
      let gate = isThere ? OutputGate(reading: [], replaces: true) : gate
      do throws(OutputError) { try gate.check(file: path, as: .model) } catch {
        throw .output(error)
      }
    }
  }
}
