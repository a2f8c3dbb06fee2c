internal import RefluxEvaluation
public import RefluxMemory
public import RefluxModel
public import RefluxPipeline
internal import RefluxTargets

extension Trainer {
  /// What a run takes at its peak, part by part, before any of it is taken.
  ///
  /// The parts are laid out as the run lays them out, so the sums are those of the run:
  /// - `weights`: 4 bytes per parameter, 2 more with bfloat16, and the workers' room;
  /// - `moments`: 8 bytes per parameter, less with Muon;
  /// - `checkpoint`: a copy of weights and moments, where checkpoints are written;
  /// - `batch`: 4 bytes per parameter for the gradients, twice with accumulation, and the
  ///   activations and targets of a batch (see `TrainingPass`);
  /// - `second head`: weights, gradients and moments of the head of `dhkd`;
  /// - `table`: the rows of `kd-sim`;
  /// - `teacher`: its weights, and the activations of one layer;
  /// - `evaluation`: of held-out tokens;
  /// - `feed`: see `Feed/memoryBytes(_:_:)`.
  ///
  /// - Parameters:
  ///   - student, teacher: the sizes of the models.
  ///   - sources: the stores, of which only the headers are looked at.
  ///   - precision: that of both models.
  ///   - workers: the team that is going to run it.
  ///   - evaluates: whether held-out tokens are evaluated.
  ///   - writesCheckpoints: whether there is a path for them.
  /// - Throws: `model`, `target`, `configuration`: what the run itself would throw.
  public static func memory(
    _ configuration: TrainingConfiguration, student: DecoderConfiguration, sources: [FeedSource],
    teacher: DecoderConfiguration? = nil, precision: Precision, workers: Workers,
    evaluates: Bool = false, writesCheckpoints: Bool = true
  ) throws(TrainingError) -> [(part: String, need: MemoryNeed)] {
    let layout = TrainingLayout(
      configuration: configuration, sources: sources, precision: precision, workers: workers)
    return try layout.parts(
      student, teacher: configuration.kind == .dense ? teacher : nil,
      evaluates: evaluates, writesCheckpoints: writesCheckpoints)
  }
}

/// The objects of a run without memory; see ``Arena/measure(_:)``.
private struct TrainingLayout {
  let configuration: TrainingConfiguration
  let sources: [FeedSource]
  let precision: Precision
  let workers: Workers

  func parts(
    _ student: DecoderConfiguration, teacher: DecoderConfiguration?, evaluates: Bool,
    writesCheckpoints: Bool
  ) throws(TrainingError) -> [(part: String, need: MemoryNeed)] {
    let (weights, model) = try model(student)
    var parts = [(part: "weights", need: weights)]
    var optimizer: Optimizer?
    let moments = Arena.measure {
      optimizer = Optimizer(model, kind: configuration.optimizer)
    }
    parts.append(("moments", moments))
    var second: SecondHead?
    let head = Arena.measure { second = SecondHead(beside: model, configuration) }
    if second != nil { parts.append(("second head", head)) }
    if let table = configuration.similarities { parts.append(("table", table.memory)) }
    if writesCheckpoints, var state = optimizer?.state {
      state.second = second?.values
      parts.append(
        ("checkpoint", Arena.measure { _ = CheckpointWriter(state, path: "", kept: 1) }))
    }
    var runner: (any LanguageModel)?
    if let teacher {
      let (need, model) = try self.model(teacher)
      parts.append(("teacher", need))
      runner = model
    }
    let batch = try Arena.measure { () throws(TrainingError) in
      _ = try StepPass(
        model, configuration, sources: sources, teacher: runner, second: second)
    }
    parts.append(("batch", batch))
    if evaluates { parts.append(("evaluation", try evaluation(of: model))) }
    let feed = Feed.memoryBytes(sources, configuration.targetFeed(sources))
    return parts + [("feed", MemoryNeed(bytes: feed))]
  }

  private func evaluation(
    of model: any LanguageModel
  ) throws(TrainingError) -> MemoryNeed {
    let (window, batch) = (configuration.window, configuration.batch)
    do { return try Evaluator.memory(model, window: window, batch: batch) } catch {
      throw .evaluation(error)
    }
  }

  private func model(
    _ sizes: DecoderConfiguration
  ) throws(TrainingError) -> (MemoryNeed, any LanguageModel) {
    do {
      return try sizes.measureModel(
        window: configuration.window, precision: precision, workers: workers)
    } catch { throw .model(error) }
  }
}
