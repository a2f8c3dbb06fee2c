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
  private let batches: BatchGradients
  private let second: SecondHead?
  private let aligned: (rule: GradientAlignment, label: BatchGradients)?
  private let arena = Arena()

  /// - Parameters:
  ///   - teacher: for objectives that run one beside the student.
  ///   - second: the head that learns from it, for objectives that have one.
  init(
    _ student: any LanguageModel, _ configuration: TrainingConfiguration, sources: [FeedSource],
    teacher: (any LanguageModel)?, second: SecondHead?
  ) throws(TrainingError) {
    let (batch, window, arena) = (configuration.batch, configuration.window, arena)
    (self.configuration, self.second) = (configuration, second)
    let pass = student.makeGradientPass(
      windows: batch, window: window, recomputes: configuration.recomputes,
      rowsTogether: configuration.objective.rowsTogether(window: window))
    self.pass = pass
    func gradients(keeps: Bool) -> BatchGradients {
      BatchGradients(of: pass.gradients, keeps: keeps, arena)
    }
    batches = gradients(keeps: configuration.accumulation > 1)
    aligned =
      second != nil && configuration.objective.flag("align")
      ? (GradientAlignment(count: pass.gradients.count, arena), gradients(keeps: true)) : nil
    let teacher = teacher?.makeForwardPass(windows: batch, window: window)
    do throws(LossError) {
      target = try StepTargets(pass, configuration, sources: sources, teacher: teacher)
    } catch { throw .target(step: 0, row: 0, error) }
  }

  /// Gradients of the last step, in the order of the student's table; where two heads are aligned,
  /// after ``finish()``.
  var gradients: View<Float> { batches.values }

  /// Takes a batch of step `step`, counted from 0.
  func run(
    _ batch: borrowing Batch, step: Int, accumulates: Bool
  ) throws(TrainingError) -> LossSums {
    if let wrong = target.fill(from: batch, alpha: configuration.distillation(at: step)) {
      throw .target(step: step + 1, row: wrong.row, wrong.error)
    }
    let loss = differentiate(batch, accumulates: accumulates)
    target.watch()
    var sums = target.sums
    sums.loss = loss
    return sums
  }

  private func differentiate(_ batch: borrowing Batch, accumulates: Bool) -> Double {
    pass.forward(batch.tokens, documents: batch.documents)
    target.weigh(pass)
    var loss = pass.differentiate(nil, adds: false) { [target] rows, logits, worker in
      target.loss(rows, logits, worker)
    }
    if let second { loss += teach(second, accumulates: accumulates) }
    pass.backward()
    batches.take(accumulates: accumulates, pass.model.workers)
    return loss
  }

  /// The second head's loss, on top of the first's; where both are aligned, apart from it.
  private func teach(_ second: SecondHead, accumulates: Bool) -> Double {
    if let aligned {
      pass.backward()
      aligned.label.take(accumulates: accumulates, pass.model.workers)
    }
    let loss = pass.differentiate(second.side, adds: aligned == nil) {
      [target] rows, logits, worker in target.secondLoss(rows, logits, worker)
    }
    second.gradients.take(accumulates: accumulates, pass.model.workers)
    return loss
  }

  /// Merges the gradients of both heads' losses, once all batches of the step are taken.
  func finish() {
    guard let aligned else { return }
    aligned.rule.merge(aligned.label.values, into: gradients, pass.model.workers)
  }
}
