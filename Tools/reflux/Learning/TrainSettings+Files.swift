import RefluxFiles
import RefluxRecipes
import RefluxTraining

extension TrainSettings {
  /// A note for each input that the loss does not learn from: what is still looked at of it.
  var idleInputs: [String] {
    let (objective, loss) = (training.objective, "--loss \(training.objective.rawValue)")
    var notes: [String] = []
    if let teacher, !objective.needsTeacher {
      notes.append("\(teacher): \(loss) does not run a teacher; only its tokenizer is looked at")
    }
    if let samples = data.samples, !objective.needsSamples {
      notes.append("\(samples): \(loss) learns from no samples; only their windows count")
    }
    return notes
  }

  /// The folder of the event file: TensorBoard takes each folder for a run.
  var eventFolder: String {
    let place = FileSystem.place(of: output)
    guard let tensorboard, FileSystem.place(of: tensorboard) != place else { return output }
    return tensorboard + "/" + FileSystem.name(of: place)
  }
}
