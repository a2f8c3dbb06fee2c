internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxPipeline

/// Loss and gradient of a step: of one batch, or of several one after the other.
final class StepPass<Element: Scalar> {
  private let configuration: TrainingConfiguration
  private let pass: TrainingPass<Element>
  private let target: TargetBatch<Element>
  /// Gradients of several batches; nil where one batch is a step.
  private let sums: View<Float>?
  private let arena = Arena()
  /// What the last step's loss is below the one with cross-entropies in place of divergences; nil
  /// where its sets are not draws.
  private(set) var setEntropy: Double?
  /// The batches of the last step in the feed's plan.
  private(set) var batches = 0..<0
  /// The windows of the first of them.
  private(set) var windows: [Int] = []

  /// - Parameter teacher: for objectives that run one beside the student.
  init(
    _ decoder: Decoder<Element>, _ configuration: TrainingConfiguration, sources: [FeedSource],
    teacher: Decoder<Element>?
  ) throws(TrainingError) {
    let (batch, window) = (configuration.batch, configuration.window)
    self.configuration = configuration
    sums = configuration.accumulation > 1 ? arena.take(decoder.weights.count) : nil
    pass = TrainingPass(
      decoder, windows: batch, window: window, recomputes: configuration.recomputes)
    let teacherPass = teacher.map { InferencePass($0, windows: batch, window: window) }
    do throws(LossError) {
      target = try TargetBatch(decoder, configuration, sources: sources, teacher: teacherPass)
    } catch { throw .target(step: 0, row: 0, error) }
    windows.reserveCapacity(batch)
  }

  /// Gradients of the last step, in the order of the decoder's table.
  var gradients: View<Float> { sums ?? pass.gradients }
  /// The target's share in the last step's loss, where a schedule says it.
  var distillation: Double? { target.distillation }

  /// Takes the batches of step `step`, counted from 0.
  ///
  /// - Returns: the mean of the positions' losses by their weights; 0 where none has any.
  func run(_ feed: Feed, step: Int) throws -> Double {
    let first = feed.position.dataStep
    var (loss, weight, entropy) = (0.0, 0.0, 0.0)
    target.distillation = configuration.distillation(at: step)
    for turn in 0..<configuration.accumulation {
      try feed.withNextBatch { batch in
        target.fill(from: batch)
        weight += target.weight
        entropy += target.entropy ?? 0
        if turn == 0 { note(batch.windowIndices) }
        loss += pass.run(batch.tokens, documents: batch.documents) {
          [target] rows, logits, worker in target.loss(rows, logits, worker)
        }
      }
      if let failure = target.failure {
        throw TrainingError.target(step: step + 1, row: failure.row, failure.error)
      }
      accumulate(turn)
    }
    batches = first..<feed.position.dataStep
    setEntropy = target.entropy.map { _ in weight > 0 ? entropy / weight : 0 }
    return weight > 0 ? loss / weight : loss
  }

  private func note(_ indices: Span<Int>) {
    windows.removeAll(keepingCapacity: true)
    for row in indices.indices { windows.append(indices[row]) }
  }

  /// Adds a batch's gradients to the step's.
  private func accumulate(_ turn: Int) {
    guard let sums else { return }
    let share = 1 << 16
    pass.decoder.workers.run((sums.count + share - 1) / share) { [pass] index, _ in
      let count = min(share, sums.count - index * share)
      let part = pass.gradients.slice(index * share, count)
      let sum = sums.slice(index * share, count)
      if turn == 0 { sum.copy(from: part) } else { add(part, to: sum) }
    }
  }
}
