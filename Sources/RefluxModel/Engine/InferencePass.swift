internal import RefluxKernels
package import RefluxMemory

/// Forward passes without gradients: one window per share, all layers in one memory.
///
/// Memory: about 4 (8 d + 5 f + layers (heads + 2 keyHeads) headSize) bytes per row of
/// `windows` x `window` rows.
package final class InferencePass<Element: Scalar>: ForwardPass, @unchecked Sendable {
  // Safe because: shares write to the rows of their own window only.
  private let decoder: Decoder<Element>
  package let window: Int
  private let activations: Activations<Element>
  private let tokens: View<UInt32>
  private var starts: DocumentStarts
  private let arena = Arena()

  /// - Parameters:
  ///   - windows: the most windows of one call.
  ///   - window: the most tokens of a window.
  package init(_ decoder: Decoder<Element>, windows: Int, window: Int) {
    precondition(window <= decoder.maximumWindow)
    self.decoder = decoder
    self.window = window
    activations = Activations(
      decoder.configuration, rows: windows * window, kept: .projections, arena: arena)
    tokens = arena.take(windows * window)
    starts = DocumentStarts(windows: windows, window: window, arena: arena)
  }

  package var model: any LanguageModel { decoder }

  package func run(_ batch: Span<UInt32>, documents: Span<UInt32>) {
    precondition(batch.count % window == 0 && batch.count <= tokens.count)
    tokens.copy(from: batch)
    starts.fill(from: documents)
    decoder.workers.run(batch.count / window) { index, worker in
      decoder.forward(
        tokens.slice(index * window, window), activations,
        window: index * window..<(index + 1) * window, documents: starts.ofWindow(index),
        worker: worker)
    }
  }

  package func extend(_ next: Span<UInt32>, from start: Int) {
    precondition(start + next.count <= window)
    tokens.copy(from: next)
    decoder.forward(
      tokens.slice(0, next.count), activations, window: 0..<window, from: start, worker: 0)
  }

  package func logits(_ rows: Range<Int>, into logits: Matrix<Float>, worker: Int) {
    decoder.logits(
      activations.normed.rows(rows.lowerBound, rows.count), into: logits, worker: worker)
  }
}
