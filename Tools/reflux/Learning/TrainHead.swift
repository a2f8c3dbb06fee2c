import RefluxBytes
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxPipeline
import RefluxTraining

/// What a training run is, before its first step.
struct TrainHead {
  /// The student, as it was named.
  let name: String
  let settings: TrainingConfiguration
  let student: DecoderConfiguration
  let stores: FeedStores
  let plan: FeedPlan
  let precision: String
  let threads: Int
  let memory: [(part: String, need: MemoryNeed)]

  private var tokensPerStep: Int {
    settings.accumulation * settings.batch * settings.window
  }

  /// For people and, with `--dry-run`, for scripts.
  var facts: Facts {
    var facts = Facts()
    let parameters = student.parameterCount
    facts.add(
      "parameters", .integer(parameters), label: "student",
      text: "\(name): \(student.family.rawValue), "
        + Quantity.scaled(Double(parameters), unit: "parameters"))
    facts.add("loss", .string(settings.objective.rawValue), text: loss)
    facts.add(
      "steps", .integer(settings.steps),
      text: "\(Quantity.grouped(settings.steps)) of \(windows) of \(settings.window) tokens")
    facts.add(
      "tokens", .integer(settings.steps * tokensPerStep),
      text: Quantity.grouped(settings.steps * tokensPerStep))
    for (number, taken) in epochs.enumerated() {
      facts.add(
        line: "\(Quantity.decimal(taken)) epochs of "
          + Quantity.scaled(Double(plan.sources[number].tokenCount), unit: "tokens"),
        label: plan.sources[number].name)
    }
    facts.addHidden("epochs", .array(epochs.map { .number($0) }))
    facts.add("precision", .string(precision), text: "\(precision), \(threads) threads")
    facts.addHidden("threads", .integer(threads))
    let bytes = memory.reduce(0) { $0 + $1.need.bytes }
    facts.add(
      "memory_bytes", .integer(bytes), label: "memory",
      text: "about \(MemoryCheck.size(bytes))")
    return facts
  }

  /// The same, and what takes the memory.
  var factsOfParts: Facts {
    var facts = facts
    for (part, need) in memory {
      facts.add(
        part + "_bytes", .integer(need.bytes), label: "  " + part,
        text: MemoryCheck.size(need.bytes))
    }
    return facts
  }

  private var windows: String {
    let batch = "\(settings.batch) windows"
    return settings.accumulation == 1 ? batch : "\(settings.accumulation) x \(batch)"
  }

  /// How often each store is gone through.
  private var epochs: [Double] {
    let taken = plan.windowsTaken(beforeStep: settings.accumulation * settings.steps)
    return zip(taken, plan.windowCounts).map { Double($0) / Double($1) }
  }

  private var loss: String {
    let what =
      switch settings.objective {
      case .ce: "cross-entropy with the labels"
      case .rskd: "KL to the samples, their own noise included (see --help)"
      case .topk: "KL to the top-K sets as they are"
      case .ghost: "KL to the top-K sets and one bucket"
      case .smoothing: "KL to the top-K sets, the rest for all ids"
      case .naive: "KL to the top-K sets, the rest for the label"
      case .fullkd: "KL to the teacher"
      }
    return "\(settings.objective.rawValue): \(what), in nats"
  }
}
