internal import RefluxKernels
package import RefluxMemory
internal import RefluxRandom

/// A decoder of one of the families of ``ModelFamily``: embedding, blocks of attention and
/// feed-forward layer, each on the normalised stream and added to it, norm, head.
///
/// `Element` is the format of the operands of matrix products: `Float`, or `BFloat16`, which about
/// doubles their speed where the processor has it. Weights, sums, normalisations, attention and
/// losses are float32 in both.
///
/// Memory: 4 bytes per parameter, 2 more with `BFloat16`; each pass adds its own (see
/// ``TrainingPass`` and ``InferencePass``).
@safe
package final class Decoder<Element: Scalar>: LanguageModel, @unchecked Sendable {
  // Safe because: weights are only written between passes, each worker uses its own scratch, and
  // one thread at a time starts a pass.
  package let configuration: DecoderConfiguration
  package let table: ParameterTable
  package let workers: Workers
  package let weights: View<Float>
  private let rounded: View<Element>?
  private let arena = Arena()
  let rotary: Rotary?
  let attention: [Attention]  // of each layer
  package let maximumWindow: Int
  let scratch: [WorkerScratch<Element>]

  package var precision: Precision { Element.self == Float.self ? .float32 : .bfloat16 }

  /// - Parameters:
  ///   - window: the longest window of tokens of any pass.
  ///   - workers: the team that all passes run on.
  /// - Throws: ``ModelError`` when the configuration is impossible or the window too long.
  package init(
    _ configuration: DecoderConfiguration, window: Int, workers: Workers
  ) throws(ModelError) {
    try configuration.validate()
    if window > configuration.positions {
      throw .windowTooLong(found: window, positions: configuration.positions)
    }
    self.configuration = configuration
    self.workers = workers
    maximumWindow = window
    table = ParameterTable(configuration)
    weights = arena.take(table.count)
    rounded = Element.self == Float.self ? nil : arena.take(table.count)
    rotary =
      if case .rotary(let base, let scaling) = configuration.position {
        Rotary(
          positions: window, headSize: configuration.headSize, base: base, scaling: scaling,
          arena: arena)
      } else { nil }
    attention = (0..<configuration.layers).map { layer in
      Attention(
        heads: configuration.heads, keyHeads: configuration.keyHeads,
        headSize: configuration.headSize, window: configuration.window(ofLayer: layer),
        scale: configuration.queryScalar.map { Float(1 / $0.squareRoot()) },
        softcap: configuration.attentionSoftcap.map(Softcap.init))
    }
    scratch = (0..<workers.count).map { _ in WorkerScratch(configuration, window: window) }
  }

  /// Normal weights of the deviation `initializerRange`, those that write to the residual stream
  /// divided by sqrt(2 layers) (GPT-2's rule); gains of 1, biases of 0. Each tensor has its own
  /// random stream, so the same seed gives the same tensor whatever the others are.
  package func initialize(seed: UInt64) {
    let range = configuration.initializerRange
    let residual = range / (2 * Double(configuration.layers)).squareRoot()
    for (index, entry) in table.entries.enumerated() {
      let values = weights.slice(entry.offset, entry.count)
      switch entry.role {
      case .gain: values.fill(1 - gainOffset)
      case .bias: values.fill(0)
      case .matrix, .residual:
        let deviation = entry.role == .residual ? residual : range
        var random = RandomStream(seed: seed, stream: UInt64(index))
        for element in 0..<entry.count {
          values[element] = Float(random.nextNormal() * deviation)
        }
      }
    }
    weightsChanged()
  }

  package func weightsChanged() {
    let share = 1 << 18
    workers.run((table.count + share - 1) / share) { index, _ in
      weightsChanged(from: index * share, min(share, table.count - index * share))
    }
  }

  package func weightsChanged(from start: Int, _ count: Int) {
    guard let rounded else { return }
    convert(weights.slice(start, count), into: rounded.slice(start, count))
  }

  package func makeForwardPass(windows: Int, window: Int) -> any ForwardPass {
    InferencePass(self, windows: windows, window: window)
  }

  package func makeGradientPass(
    windows: Int, window: Int, recomputes: Bool, rowsTogether: Int
  ) -> any GradientPass {
    TrainingPass(
      self, windows: windows, window: window, recomputes: recomputes, rowsTogether: rowsTogether)
  }

  /// A matrix of weights as an operand: `outputs` x `inputs` from element `offset` on.
  func matrix(_ offset: Int, _ outputs: Int, _ inputs: Int) -> Matrix<Element> {
    let operands = rounded ?? weights.settled(as: Element.self)
    return Matrix(operands.slice(offset, outputs * inputs), rows: outputs, columns: inputs)
  }

  /// The output head: vocabulary x d.
  var head: Matrix<Element> {
    matrix(table.head, configuration.vocabularySize, configuration.hiddenSize)
  }

  /// Logits of rows of final hidden states: rows x vocabulary, on one worker.
  func logits(_ hidden: Matrix<Element>, into logits: Matrix<Float>, worker: Int) {
    scratch[worker].products.multiply(hidden, head.transposed, into: logits)
    guard let limit = configuration.logitSoftcap else { return }
    for row in 0..<logits.rows { Softcap(limit: limit).apply(logits.row(row)) }
  }
}
