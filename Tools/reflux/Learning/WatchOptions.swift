import ArgumentParser
import RefluxFiles
import RefluxTraining

/// What `train` records beside its steps.
struct WatchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Token store to evaluate the student on while it is trained, in windows that are cut as the "
        + "training's; the training does not depend on it.", valueName: "store"))
  var heldOut: String?
  @Option(
    help: ArgumentHelp(
      "Steps from one evaluation on --held-out to the next; the last step has one too "
        + "(default: 100).", valueName: "steps"))
  var evaluateEvery: Int?
  @Option(
    help: ArgumentHelp("The most tokens of an evaluation (default: all).", valueName: "tokens"))
  var evaluateTokens: Int?
  @Option(
    help: ArgumentHelp(
      "Folder of the runs that TensorBoard shows; this one's event file goes to a folder in it that"
        + " is called as the output folder (default: the output folder itself).",
      valueName: "folder"))
  var tensorboard: String?

  func validate() throws {
    if let evaluateEvery, evaluateEvery < 1 {
      throw ValidationError("--evaluate-every must be at least 1")
    }
    if let evaluateTokens, evaluateTokens < 1 {
      throw ValidationError("--evaluate-tokens must be at least 1")
    }
    if heldOut == nil, evaluateEvery != nil || evaluateTokens != nil {
      throw ValidationError("--evaluate-every and --evaluate-tokens need --held-out <store>")
    }
  }

  /// The folder of the event file: TensorBoard takes each folder for a run.
  func eventFolder(output: String) -> String {
    let place = FileSystem.place(of: output)
    guard let tensorboard, FileSystem.place(of: tensorboard) != place else { return output }
    return tensorboard + "/" + FileSystem.name(of: place)
  }

  /// Opens the log of a run that stands at `step`.
  func log(output: String, step: Int) throws(Failure) -> RunLog {
    let eventFolder = eventFolder(output: output)
    try at(eventFolder) { try FileSystem.createDirectory(path: eventFolder) }
    return try at(output) {
      try RunLog(folder: output, eventFolder: eventFolder, step: step)
    }
  }
}
