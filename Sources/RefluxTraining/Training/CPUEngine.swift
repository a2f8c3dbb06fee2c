internal import RefluxKernels
package import RefluxMemory
package import RefluxModel
package import RefluxPipeline

/// The engine of the process's own memory and workers.
package final class CPUEngine: StepEngine {
  private let pass: StepPass
  private let optimizer: Optimizer
  private let second: SecondHead?

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
    second = SecondHead(beside: student, configuration)
    second?.side.copyOwnHead()
    pass = try StepPass(
      student, configuration, sources: sources, teacher: teacher, second: second)
  }

  package var gradients: View<Float> { pass.gradients }

  package func loss(
    of batch: borrowing Batch, step: Int, accumulates: Bool
  ) throws(TrainingError) -> LossSums {
    try pass.run(batch, step: step, accumulates: accumulates)
  }

  package func gradientNorm() -> Double {
    pass.finish()
    return (optimizer.sumOfSquares(gradients) + (second?.sumOfSquares ?? 0)).squareRoot()
  }

  package func update(step: Int, rate: Double, norm: Double) {
    optimizer.update(gradients, step: step, rate: rate, norm: norm)
    second?.update(optimizer, step: step, rate: rate, norm: norm)
  }

  package func withState<Result>(
    _ body: (TrainingState) throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result { try body(state) }

  package func replaceState<Result>(
    _ body: (TrainingState) throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result {
    let result = try body(state)
    optimizer.model.weightsChanged()
    if let second { second.side.weightsChanged(from: 0, second.values.weights.count) }
    return result
  }

  private var state: TrainingState {
    var state = optimizer.state
    state.second = second?.values
    return state
  }
}
