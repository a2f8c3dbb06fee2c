internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxPipeline
internal import RefluxTargets
internal import RefluxWorkers

/// Loss and gradient of a step: of one batch, or of several one after the other.
final class StepPass {
  private let configuration: TrainingConfiguration
  private let pass: any GradientPass
  private let target: StepTargets
  /// Gradients of several batches; nil where one batch is a step.
  private let sums: View<Float>?
  private let arena = Arena()

  /// - Parameter teacher: for objectives that run one beside the student.
  init(
    _ student: any LanguageModel, _ configuration: TrainingConfiguration, sources: [FeedSource],
    teacher: (any LanguageModel)?
  ) throws(TrainingError) {
    let (batch, window) = (configuration.batch, configuration.window)
    self.configuration = configuration
    sums = configuration.accumulation > 1 ? arena.take(student.weights.count) : nil
    pass = student.makeGradientPass(
      windows: batch, window: window, recomputes: configuration.recomputes,
      rowsTogether: configuration.objective.rowsTogether(window: window))
    let teacher = teacher?.makeForwardPass(windows: batch, window: window)
    do throws(LossError) {
      target = try StepTargets(pass, configuration, sources: sources, teacher: teacher)
    } catch { throw .target(step: 0, row: 0, error) }
  }

  /// Gradients of the last step, in the order of the student's table.
  var gradients: View<Float> { sums ?? pass.gradients }

  /// Takes a batch of step `step`, counted from 0.
  func run(
    _ batch: borrowing Batch, step: Int, accumulates: Bool
  ) throws(TrainingError) -> LossSums {
    if let wrong = target.fill(from: batch, alpha: configuration.distillation(at: step)) {
      throw .target(step: step + 1, row: wrong.row, wrong.error)
    }
    pass.forward(batch.tokens, documents: batch.documents)
    target.weigh(pass)
    let loss = pass.differentiate { [target] rows, logits, worker in
      target.loss(rows, logits, worker)
    }
    target.watch()
    sum(accumulates: accumulates)
    var sums = target.sums
    sums.loss = loss
    return sums
  }

  /// Adds a batch's gradients to the step's.
  private func sum(accumulates: Bool) {
    guard let sums else { return }
    let share = 1 << 16
    pass.model.workers.run((sums.count + share - 1) / share) { [pass] index, _ in
      let count = min(share, sums.count - index * share)
      let part = pass.gradients.slice(index * share, count)
      let sum = sums.slice(index * share, count)
      if accumulates { add(part, to: sum) } else { sum.copy(from: part) }
    }
  }
}
