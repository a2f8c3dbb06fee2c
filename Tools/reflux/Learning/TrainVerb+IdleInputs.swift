import RefluxTraining

/// Inputs that a loss does not learn from.
extension TrainVerb {
  /// A note for each: what is still looked at of it.
  var idleInputs: [String] {
    var notes: [String] = []
    let loss = "--loss \(loss.rawValue)"
    if let teacher, !self.loss.needsTeacher {
      notes.append("\(teacher): \(loss) does not run a teacher; only its tokenizer is looked at")
    }
    if let samples = data.samples, !self.loss.needsSamples {
      notes.append("\(samples): \(loss) learns from no samples; only their windows count")
    }
    return notes
  }
}
