public import RefluxMemory
public import RefluxModel
public import RefluxStorage

extension Evaluator {
  /// What an evaluation takes at its peak, the models included, before any of it is taken.
  ///
  /// - Parameters:
  ///   - model, teacher: the sizes of the models.
  ///   - gradients: batch sizes at which gradients are compared, if any.
  ///   - drawn: targets that are drawn for them.
  ///   - precision: that of both models.
  ///   - workers: the team that is going to run it.
  /// - Throws: what the evaluation itself would throw.
  public static func memory(
    of model: DecoderConfiguration, teacher: DecoderConfiguration? = nil, window: Int,
    batch: Int = 16, samples: SampleStore? = nil, gradients: GradientPlan? = nil,
    precision: Precision, workers: Workers
  ) throws(EvaluationError) -> MemoryNeed {
    func measured(
      _ sizes: DecoderConfiguration
    ) throws(EvaluationError) -> (need: MemoryNeed, model: any LanguageModel) {
      do {
        return try sizes.measureModel(window: window, precision: precision, workers: workers)
      } catch { throw .model(error) }
    }
    let first = try measured(model)
    let second = try teacher.map(measured)
    var need = first.need + (second?.need ?? MemoryNeed())
    need += try memory(
      first.model, window: window, batch: batch, teacher: second?.model, samples: samples)
    if let gradients, let second {
      need += try GradientComparison.memory(
        first.model, teacher: second.model, window: window, gradients, samples: samples)
    }
    return need
  }

  /// The same beside the weights, for models without memory.
  package static func memory(
    _ model: any LanguageModel, window: Int, batch: Int, teacher: (any LanguageModel)? = nil,
    samples: SampleStore? = nil
  ) throws(EvaluationError) -> MemoryNeed {
    try Arena.measure { () throws(EvaluationError) in
      let evaluator = try Evaluator(model, window: window, batch: batch, teacher: teacher)
      _ = EvaluationRows(
        evaluator.pass, rows: batch * window, teacher: evaluator.teacher, samples: samples,
        bins: 1)
    }
  }
}
