internal import RefluxFiles
internal import RefluxTraining

extension TrainSettings {
  /// A note for each input that the loss does not learn from: what is still looked at of it.
  var idleInputs: [RecipeNote] {
    let objective = training.objective
    var notes: [RecipeNote] = []
    if let teacher, !objective.needsTeacher {
      notes.append(.idleTeacher(path: teacher, objective))
    }
    if let samples = data.samples, !objective.needsSamples {
      notes.append(.idleSamples(path: samples, objective))
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
