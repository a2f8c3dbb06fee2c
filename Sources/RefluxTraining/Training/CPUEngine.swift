internal import RefluxKernels
package import RefluxMemory
package import RefluxModel
package import RefluxPipeline

/// The engine of the process's own memory and workers.
package final class CPUEngine: StepEngine {
  private let pass: StepPass
  private let optimizer: Optimizer

  /// Takes the memory of moments, gradients and a batch.
  ///
  /// - Parameter teacher: for objectives that run one beside the student.
  /// - Throws: `target` for options that no loss has.
  package init(
    _ student: any LanguageModel, _ configuration: TrainingConfiguration, sources: [FeedSource],
    teacher: (any LanguageModel)?
  ) throws(TrainingError) {
    optimizer = Optimizer(
      student, kind: configuration.optimizer, adam: configuration.adam, muon: configuration.muon,
      weightDecay: configuration.weightDecay, clipNorm: configuration.clipNorm)
    pass = try StepPass(student, configuration, sources: sources, teacher: teacher)
  }

  package var gradients: View<Float> { pass.gradients }

  package func loss(
    of batch: borrowing Batch, step: Int, accumulates: Bool
  ) throws(TrainingError) -> LossSums {
    try pass.run(batch, step: step, accumulates: accumulates)
  }

  package func gradientNorm() -> Double { optimizer.norm(gradients) }

  package func update(step: Int, rate: Double, norm: Double) {
    optimizer.update(gradients, step: step, rate: rate, norm: norm)
  }

  package func withState<Result>(
    _ body: (TrainingState) throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result { try body(optimizer.state) }

  package func replaceState<Result>(
    _ body: (TrainingState) throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result {
    let result = try body(optimizer.state)
    optimizer.model.weightsChanged()
    return result
  }
}
