public import RefluxMemory

/// Forward passes without gradients: one window per share, all layers in one memory.
///
/// Memory: about 4 (8 d + 5 f + layers (heads + 2 keyHeads) headSize) bytes per row of
/// `windows` x `window` rows.
public final class InferencePass<Element: Scalar>: @unchecked Sendable {
  // Safe because: shares write to the rows of their own window only.
  /// The model that runs; the pass reads its weights as they are at each call.
  public let decoder: Decoder<Element>
  /// Tokens of every window, L; ``extend(_:from:)`` fills its one window bit by bit.
  public let window: Int
  private let activations: Activations<Element>
  private let tokens: View<UInt32>
  private var starts: DocumentStarts
  private let arena = Arena()

  /// - Parameters:
  ///   - windows: the most windows of one call.
  ///   - window: the most tokens of a window.
  public init(_ decoder: Decoder<Element>, windows: Int, window: Int) {
    precondition(window <= decoder.maximumWindow)
    self.decoder = decoder
    self.window = window
    activations = Activations(
      decoder.configuration, rows: windows * window, kept: .projections, arena: arena)
    tokens = arena.take(windows * window)
    starts = DocumentStarts(windows: windows, window: window, arena: arena)
  }

  /// Hidden states of `batch.count / window` windows, ready for `Decoder/logits`.
  ///
  /// - Parameters:
  ///   - batch: whole windows of ids below the vocabulary's size.
  ///   - documents: an id per token; within a window neighbours of one id are one document, whose
  ///     positions begin at 0 and which sees no other. Empty: every window is one document.
  /// - Returns: rows x d, valid until the next call.
  public func hidden(
    _ batch: Span<UInt32>, documents: Span<UInt32> = Span()
  ) -> Matrix<Element> {
    precondition(batch.count % window == 0 && batch.count <= tokens.count)
    tokens.copy(from: batch)
    starts.fill(from: documents)
    decoder.workers.run(batch.count / window) { index, worker in
      decoder.forward(
        tokens.slice(index * window, window), activations,
        window: index * window..<(index + 1) * window, documents: starts.ofWindow(index),
        worker: worker)
    }
    return activations.normed.rows(0, batch.count)
  }

  /// Hidden states of the next tokens of the one window that stands at position `start`: earlier
  /// positions were given in earlier calls, their keys and values are kept.
  ///
  /// - Returns: new tokens x d, valid until the next call.
  public func extend(_ next: Span<UInt32>, from start: Int) -> Matrix<Element> {
    precondition(start + next.count <= window)
    tokens.copy(from: next)
    decoder.forward(
      tokens.slice(0, next.count), activations, window: 0..<window, from: start, worker: 0)
    return activations.normed.rows(start, next.count)
  }
}
