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
  ///   - workers: the team that is going to run it.
  /// - Throws: what the evaluation itself would throw.
  public static func memory(
    of model: DecoderConfiguration, teacher: DecoderConfiguration? = nil, window: Int,
    batch: Int = 16, samples: SampleStore? = nil, gradients: GradientPlan? = nil,
    workers: Workers
  ) throws(EvaluationError) -> MemoryNeed {
    var (need, decoder) = try measured(model, window: window, workers: workers)
    var second: Decoder<Element>?
    if let teacher {
      let (more, decoder) = try measured(teacher, window: window, workers: workers)
      need += more
      second = decoder
    }
    need += try memory(decoder, window: window, batch: batch, teacher: second, samples: samples)
    if let gradients, let second {
      need += try GradientComparison<Element>.memory(
        decoder, teacher: second, window: window, gradients, samples: samples)
    }
    return need
  }

  private static func measured(
    _ sizes: DecoderConfiguration, window: Int, workers: Workers
  ) throws(EvaluationError) -> (MemoryNeed, Decoder<Element>) {
    do { return try Decoder.measured(sizes, window: window, workers: workers) } catch {
      throw .model(error)
    }
  }

  /// The same beside the weights, for decoders without memory.
  package static func memory(
    _ decoder: Decoder<Element>, window: Int, batch: Int, teacher: Decoder<Element>? = nil,
    samples: SampleStore? = nil
  ) throws(EvaluationError) -> MemoryNeed {
    try Arena.measure { () throws(EvaluationError) in
      _ = try Evaluator(decoder, window: window, batch: batch, teacher: teacher)
      _ = EvaluationRows(
        decoder, rows: batch * window, window: window, teacher: teacher, samples: samples)
    }
  }
}
