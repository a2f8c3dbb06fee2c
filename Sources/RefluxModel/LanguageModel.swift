internal import RefluxKernels
public import RefluxMemory

/// A decoder of one of the families of ``ModelFamily``, with the format of its products as a value:
/// ``precision``.
///
/// Its passes hide the format of operands. They are asked once for each batch, or for each share of
/// some dozen rows of logits; all inner loops are those of the format.
public protocol LanguageModel: AnyObject, Sendable {
  /// The sizes, checked.
  var configuration: DecoderConfiguration { get }
  /// Format of the operands of matrix products.
  var precision: Precision { get }
  /// Where each tensor lies in ``weights``, and in every array that has an element per weight.
  var table: ParameterTable { get }
  /// All parameters in the order of ``table``, as float32 whatever the precision.
  var weights: View<Float> { get }
  /// The team that all passes over this model run on.
  var workers: Workers { get }
  /// The longest window of tokens of any pass.
  var maximumWindow: Int { get }

  /// Random weights: equal seeds give equal ones.
  func initialize(seed: UInt64)
  /// Call after writing to ``weights``: renews the operands of the matrix products.
  func weightsChanged()
  /// The same for `count` weights from `start` on, on the calling thread: best while they are still
  /// in its cache.
  func weightsChanged(from start: Int, _ count: Int)

  /// Takes the memory of forward passes over at most `windows` windows of at most `window` tokens.
  ///
  /// Traps where `window` exceeds ``maximumWindow``.
  func makeForwardPass(windows: Int, window: Int) -> any ForwardPass
  /// Takes the memory of loss and gradient of batches of `windows` windows of `window` tokens.
  ///
  /// Traps without windows, or where `window` exceeds ``maximumWindow``.
  ///
  /// - Parameters:
  ///   - recomputes: whether the backward pass computes the activations of each layer again from
  ///     its input: about a third more arithmetic in the layers for a fraction of the memory, and
  ///     the same bits.
  ///   - rowsTogether: the loss is given rows in whole groups of as many, a divisor of the window.
  func makeGradientPass(
    windows: Int, window: Int, recomputes: Bool, rowsTogether: Int
  ) -> any GradientPass
}

extension LanguageModel {
  /// Refuses windows that the model was not set up for.
  package func requireWindow(_ window: Int) throws(ModelError) {
    if window > maximumWindow {
      throw .windowTooLong(found: window, positions: maximumWindow)
    }
  }
}

extension DecoderConfiguration {
  /// A model of these sizes; all its weights are 0.
  ///
  /// - Parameters:
  ///   - window: the longest window of tokens of any pass.
  ///   - precision: `bfloat16` traps in the first product where the processor lacks it; see
  ///     `Products/supportsBFloat16`.
  ///   - workers: the team that all passes run on.
  /// - Throws: ``ModelError`` when the sizes are impossible or the window too long.
  /// - Complexity: 4 bytes per parameter, 2 more with `bfloat16`.
  public func makeModel(
    window: Int, precision: Precision = .float32, workers: Workers
  ) throws(ModelError) -> any LanguageModel {
    switch precision {
    case .float32: try Decoder<Float>(self, window: window, workers: workers)
    case .bfloat16: try Decoder<BFloat16>(self, window: window, workers: workers)
    }
  }

  /// A model without memory, for layouts of what runs over it, and what it would take.
  package func measureModel(
    window: Int, precision: Precision, workers: Workers
  ) throws(ModelError) -> (MemoryNeed, any LanguageModel) {
    var model: (any LanguageModel)?
    let need = try Arena.measure { () throws(ModelError) in
      model = try makeModel(window: window, precision: precision, workers: workers)
    }
    guard let model else { preconditionFailure("a measure runs its body") }
    return (need, model)
  }
}

/// Format of the operands of matrix products; sums are float32 in both.
public enum Precision: String, CaseIterable, Sendable {
  case float32
  /// About twice as fast where the processor has it.
  case bfloat16
}
