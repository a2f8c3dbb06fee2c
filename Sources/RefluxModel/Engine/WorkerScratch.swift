internal import RefluxKernels
internal import RefluxMemory

/// What one worker needs beside the activations: compiled products and room for one window.
@safe
final class WorkerScratch<Element: Scalar> {
  let products = Products()
  let attention: View<Float>
  let attended: Matrix<Float>  // window x (heads * headSize)
  let arena = Arena()
  private let configuration: DecoderConfiguration
  private let window: Int

  init(_ configuration: DecoderConfiguration, window: Int) {
    self.configuration = configuration
    self.window = window
    attention = arena.take(Attention.scratchCount(positions: window))
    attended = arena.takeMatrix(window, configuration.heads * configuration.headSize)
  }

  /// Takes what the backward pass needs, so that no step takes memory.
  ///
  /// - Parameter rowsPerShare: the most rows that a loss is given at once.
  func prepareBackward(rowsPerShare: Int) {
    _ = (attendedGradient, normedGradient, activatedGradient, projectionGradient)
    if configuration.logitSoftcap != nil, logitSlopes?.rows ?? 0 < rowsPerShare {
      logitSlopes = arena.takeMatrix(rowsPerShare, configuration.vocabularySize)
    }
  }

  // Only the backward pass touches these.
  lazy var attendedGradient: Matrix<Float> = arena.takeMatrix(
    window, configuration.heads * configuration.headSize)
  lazy var normedGradient: Matrix<Float> = arena.takeMatrix(window, configuration.hiddenSize)
  lazy var activatedGradient: Matrix<Float> = arena.takeMatrix(
    window, configuration.intermediateSize)
  lazy var projectionGradient: Matrix<Float> = arena.takeMatrix(
    window, configuration.projectionWidth)
  /// Of a capped row's logits; nil where there is no cap.
  private(set) var logitSlopes: Matrix<Float>?
}
