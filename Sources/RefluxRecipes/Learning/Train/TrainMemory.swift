internal import RefluxBytes
internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel
internal import RefluxPipeline
internal import RefluxTraining

/// The memory that a training run needs, and the settings that lower it.
struct TrainMemory {
  let settings: TrainingConfiguration
  let student: DecoderConfiguration
  let teacher: DecoderConfiguration?
  let sources: [FeedSource]
  let modelling: Modelling
  let evaluates: Bool
  let writesCheckpoints: Bool

  /// What each part of the run takes at its peak.
  func parts() throws(TrainingError) -> [(part: String, need: MemoryNeed)] {
    try parts(of: settings)
  }

  /// Refuses a run that does not fit, naming settings with which it would.
  func require(at path: String) throws(RecipeError) {
    let check = MemoryCheck(threads: modelling.workers.count + settings.feed.lanes)
    let need = try naming(path) { Self.sum(try self.parts()) }
    if check.lack(of: need) == nil { return }
    let advice = try naming(path) { try self.advice(check) }
    try check.require(need, for: "this run", at: path, advice: advice)
  }

  /// The first of the smaller forms of the same run that fits: activations computed again, then
  /// smaller batches of which more make a step.
  private func advice(_ check: MemoryCheck) throws(TrainingError) -> String {
    var least: (words: String, need: MemoryNeed)?
    for form in forms {
      let need = Self.sum(try parts(of: form.settings))
      if check.lack(of: need) == nil { return "with \(form.words) it fits" }
      if need.bytes < least?.need.bytes ?? .max { least = (form.words, need) }
    }
    let even = least.map { ", even with \($0.words) it needs \(check.size(of: $0.need))" }
    return "use a smaller model or window" + (even ?? "")
  }

  /// With the settings that make them, named in quotes.
  private var forms: [(words: String, settings: TrainingConfiguration)] {
    var forms: [(words: String, settings: TrainingConfiguration)] = []
    var recomputed = settings
    recomputed.recomputes = true
    if !settings.recomputes { forms.append(("'recompute'", recomputed)) }
    for (base, words) in [(settings, ""), (recomputed, " 'recompute'")] {
      if settings.recomputes, words.isEmpty { continue }
      var parts = 2
      while settings.batch.isMultiple(of: parts) {
        var form = base
        form.feed.batch = settings.batch / parts
        form.accumulation = settings.accumulation * parts
        forms.append(
          ("'batch' \(form.batch) 'accumulate' \(form.accumulation)" + words, form))
        parts *= 2
      }
    }
    return forms
  }

  private func parts(
    of settings: TrainingConfiguration
  ) throws(TrainingError) -> [(part: String, need: MemoryNeed)] {
    try Trainer.memory(
      settings, student: student, sources: sources, teacher: teacher,
      precision: modelling.precision, workers: modelling.workers, evaluates: evaluates,
      writesCheckpoints: writesCheckpoints)
  }

  static func sum(_ parts: [(part: String, need: MemoryNeed)]) -> MemoryNeed {
    parts.reduce(MemoryNeed()) { $0 + $1.need }
  }
}
