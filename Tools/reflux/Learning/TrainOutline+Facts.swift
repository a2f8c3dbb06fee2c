import RefluxBytes
import RefluxJSON
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxPipeline
import RefluxRecipes
import RefluxTargets
import RefluxTraining

/// What a training run is, before its first step, in words.
extension TrainOutline {
  /// For people and, with `--dry-run`, for scripts.
  var facts: Facts {
    var facts = Facts()
    let parameters = student.parameterCount
    facts.add(
      "parameters", .integer(parameters), label: "student",
      text: "\(name): \(student.family.rawValue), "
        + Quantity.scaled(Double(parameters), unit: "parameters"))
    facts.add("loss", .string(configuration.objective.text), text: loss)
    facts.add(
      "steps", .integer(configuration.steps),
      text: "\(Quantity.grouped(configuration.steps)) of \(windows) of \(configuration.window)"
        + " tokens")
    facts.add("tokens", .integer(tokens), text: Quantity.grouped(tokens))
    for (number, taken) in epochs.enumerated() {
      facts.add(
        line: "\(Quantity.decimal(taken)) epochs of "
          + Quantity.scaled(Double(plan.sources[number].tokenCount), unit: "tokens"),
        label: plan.sources[number].name)
    }
    facts.addHidden("epochs", .array(epochs.map { .number($0) }))
    facts.add(
      "precision", .string(precision.rawValue), text: "\(precision.rawValue), \(threads) threads")
    facts.addHidden("threads", .integer(threads))
    facts.add(
      "memory_bytes", .integer(memoryBytes), label: "memory",
      text: "about " + Quantity.scaled(Double(memoryBytes), unit: "bytes"))
    return facts
  }

  /// The same, and what takes the memory.
  var factsOfParts: Facts {
    var facts = facts
    for (part, need) in memory {
      facts.add(
        part + "_bytes", .integer(need.bytes), label: "  " + part,
        text: Quantity.scaled(Double(need.bytes), unit: "bytes"))
    }
    return facts
  }

  private var windows: String {
    let batch = "\(configuration.batch) windows"
    let batches = configuration.accumulation
    return batches == 1 ? batch : "\(batches) x \(batch)"
  }

  private var loss: String {
    let objective = configuration.objective
    let source =
      switch configuration.kind {
      case .label: "labels"
      case .sampled: "draws, whose own noise is in it (see --help)"
      case .topk: "top-K sets"
      case .dense: "the teacher's logits"
      }
    return "\(objective.text): \(objective.name.entry.summary); from \(source)"
  }
}

extension TrainTiming {
  /// Adds the facts of a dry run.
  func add(to facts: inout Facts) {
    facts.add("measured_steps", .integer(steps))
    facts.add("tokens_per_second", .number(tokensPerSecond.rounded()))
    facts.add("seconds_per_step", .number(secondsPerStep))
    if let evaluationSeconds {
      facts.add(
        "evaluation_seconds", .number(evaluationSeconds), label: "evaluations",
        text: Quantity.time(evaluationSeconds))
    }
    facts.add("seconds", .number(seconds), label: "time", text: Quantity.time(seconds))
  }
}
