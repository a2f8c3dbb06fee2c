public import RefluxKernels
public import RefluxModel
internal import RefluxPipeline
internal import RefluxProfiling
public import RefluxStorage

/// Evaluates a model on the whole windows of a token store, in order.
///
/// Windows do not overlap; the label of a window's last position is the next window's first token.
/// Sums are taken in the order of the shares, so figures do not depend on the number of workers.
public final class Evaluator<Element: Scalar> {
  private let pass: InferencePass<Element>
  private let teacher: InferencePass<Element>?
  private let batch: Int
  private let window: Int

  /// - Parameters:
  ///   - window: context in tokens.
  ///   - batch: windows at a time.
  ///   - teacher: for the acceptance; on the same workers.
  public init(
    _ decoder: Decoder<Element>, window: Int, batch: Int = 16, teacher: Decoder<Element>? = nil
  ) throws(TrainingError) {
    let vocabulary = decoder.configuration.vocabularySize
    if let other = teacher?.configuration.vocabularySize, other != vocabulary {
      throw .vocabulary(found: other, expected: vocabulary)
    }
    try TrainingConfiguration.require("window", window, 1...decoder.maximumWindow)
    try TrainingConfiguration.require("batch", batch, 1...65_536)
    try teacher?.requireWindow(window)
    self.window = window
    self.batch = batch
    pass = InferencePass(decoder, windows: batch, window: window)
    self.teacher = teacher.map { InferencePass($0, windows: batch, window: window) }
  }

  /// - Parameters:
  ///   - samples: also report the mean KL from these sets, which must belong to `tokens`.
  ///   - limit: the most tokens to look at.
  ///   - progress: called with the tokens done and in all; false stops early.
  public func run(
    _ tokens: TokenStore, samples: SampleStore? = nil, limit: Int = .max,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> EvaluationReport {
    let vocabulary = pass.decoder.configuration.vocabularySize
    if tokens.vocabularySize != vocabulary {
      throw TrainingError.vocabulary(found: vocabulary, expected: tokens.vocabularySize)
    }
    try samples?.check(for: tokens, window: window)
    let windows = min((tokens.count - 1) / window, max(limit / window, 1))
    if windows < 1 { throw TrainingError.tooFewTokens(found: tokens.count, needed: window + 1) }
    let size = min(batch, windows)
    let steps = (windows + size - 1) / size
    let clock = Stopwatch()
    let rows = EvaluationRows(
      pass.decoder, rows: size * window, window: window, teacher: teacher?.decoder,
      samples: samples)
    let reader = EvaluationReader(tokens, samples)
    for step in 0..<steps {
      let first = step * size
      let count = min(size, windows - first)
      let inputs = try reader.read(first * window, count * window, into: rows)
      try rows.add(
        pass.hidden(inputs.span), teacher?.hidden(inputs.span), rows: count * window,
        first: first * window)
      if !progress((first + count) * window, windows * window) { break }
    }
    return rows.report(seconds: clock.seconds)
  }
}
