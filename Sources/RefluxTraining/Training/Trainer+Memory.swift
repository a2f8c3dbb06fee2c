internal import RefluxEvaluation
public import RefluxMemory
public import RefluxModel
public import RefluxPipeline

extension Trainer {
  /// What a run takes at its peak, part by part, before any of it is taken.
  ///
  /// The parts are laid out as the run lays them out, so the sums are those of the run:
  /// - `weights`: 4 bytes per parameter, 2 more with bfloat16, and the workers' room;
  /// - `moments`: 8 bytes per parameter, less with Muon;
  /// - `checkpoint`: a copy of weights and moments, where checkpoints are written;
  /// - `batch`: 4 bytes per parameter for the gradients, twice with accumulation, and the
  ///   activations and targets of a batch (see `TrainingPass`);
  /// - `teacher`: its weights, and the activations of one layer;
  /// - `evaluation`: of held-out tokens;
  /// - `feed`: see `Feed/memoryBytes(_:_:)`.
  ///
  /// - Parameters:
  ///   - student, teacher: the sizes of the models.
  ///   - sources: the stores, of which only the headers are looked at.
  ///   - workers: the team that is going to run it.
  ///   - evaluates: whether held-out tokens are evaluated.
  ///   - writesCheckpoints: whether there is a path for them.
  /// - Throws: `model`, `target`, `configuration`: what the run itself would throw.
  public static func memory(
    _ configuration: TrainingConfiguration, student: DecoderConfiguration, sources: [FeedSource],
    teacher: DecoderConfiguration? = nil, workers: Workers, evaluates: Bool = false,
    writesCheckpoints: Bool = true
  ) throws(TrainingError) -> [(part: String, need: MemoryNeed)] {
    let layout = TrainingLayout<Element>(
      configuration: configuration, sources: sources, workers: workers)
    return try layout.parts(
      student, teacher: configuration.objective.needsTeacher ? teacher : nil,
      evaluates: evaluates, writesCheckpoints: writesCheckpoints)
  }
}

/// The objects of a run without memory; see ``Arena/measure(_:)``.
private struct TrainingLayout<Element: Scalar> {
  let configuration: TrainingConfiguration
  let sources: [FeedSource]
  let workers: Workers

  func parts(
    _ student: DecoderConfiguration, teacher: DecoderConfiguration?, evaluates: Bool,
    writesCheckpoints: Bool
  ) throws(TrainingError) -> [(part: String, need: MemoryNeed)] {
    let (weights, decoder) = try decoder(student)
    var parts = [(part: "weights", need: weights)]
    var optimizer: Optimizer<Element>?
    let moments = Arena.measure {
      optimizer = Optimizer(decoder, kind: configuration.optimizer)
    }
    parts.append(("moments", moments))
    if writesCheckpoints, let optimizer {
      parts.append(
        ("checkpoint", Arena.measure { _ = CheckpointWriter(optimizer, path: "", kept: 1) }))
    }
    var runner: Decoder<Element>?
    if let teacher {
      let (need, decoder) = try self.decoder(teacher)
      parts.append(("teacher", need))
      runner = decoder
    }
    let batch = try Arena.measure { () throws(TrainingError) in
      _ = try StepPass(decoder, configuration, sources: sources, teacher: runner)
    }
    parts.append(("batch", batch))
    if evaluates { parts.append(("evaluation", try evaluation(of: decoder))) }
    let feed = Feed.memoryBytes(sources, configuration.feed)
    return parts + [("feed", MemoryNeed(bytes: feed))]
  }

  private func evaluation(
    of decoder: Decoder<Element>
  ) throws(TrainingError) -> MemoryNeed {
    let (window, batch) = (configuration.window, configuration.batch)
    do { return try Evaluator.memory(decoder, window: window, batch: batch) } catch {
      throw .evaluation(error)
    }
  }

  private func decoder(
    _ sizes: DecoderConfiguration
  ) throws(TrainingError) -> (MemoryNeed, Decoder<Element>) {
    do {
      return try Decoder.measured(sizes, window: configuration.window, workers: workers)
    } catch { throw .model(error) }
  }
}
