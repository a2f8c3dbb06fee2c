internal import RefluxKernels
internal import RefluxLosses
package import RefluxMemory

/// Loss and gradient of one batch of windows.
///
/// Forward: one share per window, no barrier. Head and loss: ``LinearLoss``. Backward: per layer
/// one sweep over the windows for the gradients of the activations and one over slices of the
/// weights for theirs. Shares and the order of all sums depend on the sizes only: any number of
/// workers gives the same bits.
///
/// Memory, in bytes, every array rounded up to 64: for each row (token position)
///
/// - and layer 4 d for the stream that enters, and 4 (d + P + E) + s (2 d + A + f) + 4 (h + 2) for
///   what the layer computes, where P is the width of queries, keys and values, A that of the
///   attended values, E that of the feed-forward layer's first product, h the heads of queries and
///   s the size of `Element`; with norms of heads 4 (H + 1) (h + k) more, where H is the size of a
///   head and k the heads of keys; with norms of outputs 8 (d + 1) more. With `recomputes` the
///   second part is there once and not for each layer;
/// - 12 d + 80 + s (3 d + E + P) for the stream after the layers and the gradients of one layer.
///
/// To that come 4 bytes per parameter and 4 per window and element of a layer's gains and biases,
/// the memory of ``LinearLoss``, and each worker's room for one window.
@safe
package final class TrainingPass<Element: Scalar>: GradientPass, @unchecked Sendable {
  // Safe because: shares write to disjoint rows or slices of weights.
  /// The objective of the batch's rows.
  package typealias RowLoss = GradientPass.RowLoss

  let decoder: Decoder<Element>
  package let windows: Int
  package let window: Int
  /// Whether the backward pass computes the activations of each layer again from its input: about a
  /// third more arithmetic in the layers for a fraction of the memory, and the same bits.
  package let recomputes: Bool
  package let gradients: View<Float>
  let arena = Arena()
  let tokens: View<UInt32>
  private(set) var starts: DocumentStarts
  /// Whether the room that recomputed layers share holds the last one.
  var keepsLastLayer = false
  let activations: Activations<Element>
  let flow: GradientFlow<Element>
  let head: LinearLoss<Element>
  /// The parts of a layer's four products for the gradients of its matrices.
  let weightSlices: [WeightSlice]
  var rows: Int { windows * window }
  package var model: any LanguageModel { decoder }
  package var rowsPerShare: Int { min(rows, head.rowsPerShare) }

  /// Takes the memory of a batch of `windows` windows.
  ///
  /// Traps without windows, or where `window` exceeds ``Decoder/maximumWindow``.
  package init(
    _ decoder: Decoder<Element>, windows: Int, window: Int, recomputes: Bool = false,
    rowsTogether: Int = 1
  ) {
    precondition(window <= decoder.maximumWindow && windows >= 1)
    precondition(window.isMultiple(of: rowsTogether), "groups of rows end with a window")
    self.decoder = decoder
    self.windows = windows
    self.window = window
    self.recomputes = recomputes
    let (c, rows) = (decoder.configuration, windows * window)
    gradients = arena.take(decoder.table.count)
    tokens = arena.take(rows)
    starts = DocumentStarts(windows: windows, window: window, arena: arena)
    activations = Activations(c, rows: rows, kept: recomputes ? .inputs : .all, arena: arena)
    weightSlices = WeightSlice.all(of: decoder.table.layers[0])
    flow = GradientFlow(
      c, rows: rows, windows: windows, vectorWidth: decoder.table.vectorWidth, arena: arena)
    head = LinearLoss(
      rows: rows, width: c.hiddenSize, vocabularySize: c.vocabularySize,
      workers: decoder.workers, rowsTogether: rowsTogether)
    let share = min(rows, head.rowsPerShare)
    for scratch in decoder.scratch { scratch.prepareBackward(rowsPerShare: share) }
  }

  /// Bytes of activations and gradients.
  package var byteCount: Int { arena.byteCount + head.byteCount }

  package func forward(_ batch: Span<UInt32>, documents: Span<UInt32>) {
    precondition(batch.count == rows && [0, rows].contains(documents.count))
    tokens.copy(from: batch)
    starts.fill(from: documents)
    decoder.workers.run(windows) { index, worker in
      decoder.forward(
        tokens.slice(index * window, window), activations,
        window: index * window..<(index + 1) * window, documents: starts.ofWindow(index),
        worker: worker)
    }
    keepsLastLayer = true
  }

  package func look(_ look: RowLook) {
    head.look(hidden: activations.normed, head: decoder.head) { rows, logits, worker in
      cap(logits)
      look(rows, logits, worker)
    }
  }

  package func differentiate(_ side: SideHead?, adds: Bool, loss: RowLoss) -> Double {
    let c = decoder.configuration
    let own = Matrix(
      gradients.slice(decoder.table.head, c.vocabularySize * c.hiddenSize),
      rows: c.vocabularySize, columns: c.hiddenSize)
    if side != nil && !adds { own.elements.fill(0) }
    let total = head.run(
      hidden: activations.normed, head: side?.operand(as: Element.self) ?? decoder.head,
      hiddenGradient: adds ? flow.residual : flow.stream, headGradient: side?.gradient ?? own
    ) { throughSoftcap($0, $1, $2, loss) }
    if adds { add(flow.residual.elements, to: flow.stream.elements) }
    return total
  }
}

/// Gradients of the activations of one layer at a time, for all rows.
struct GradientFlow<Element: Scalar> {
  let stream: Matrix<Float>  // rows x d: of the residual stream, flowing backward
  let residual: Matrix<Float>  // rows x d: scratch of the head's norm
  let outputOperand: Matrix<Element>  // rows x d: of the layer's output
  let middleOperand: Matrix<Element>  // rows x d: of the stream between the two halves
  let expanded: Matrix<Element>  // rows x (gate | up), or rows x f, with a gap after each
  let projections: Matrix<Element>  // rows x P
  let vectors: Matrix<Float>  // windows x (gains | biases): each window's share of their gradients

  init(
    _ c: DecoderConfiguration, rows: Int, windows: Int, vectorWidth: Int, arena: Arena
  ) {
    stream = arena.takeMatrix(rows, c.hiddenSize)
    residual = arena.takeMatrix(rows, c.hiddenSize)
    outputOperand = arena.takeMatrix(rows, c.hiddenSize)
    middleOperand = arena.takeMatrix(rows, c.hiddenSize)
    // Columns of a matrix whose rows are a power of two apart meet in a few lines of the cache.
    let stride = c.expansionWidth + 64 / MemoryLayout<Element>.stride
    expanded = Matrix(
      arena.take(rows * stride), rows: rows, columns: c.expansionWidth, stride: stride)
    projections = arena.takeMatrix(rows, c.projectionWidth)
    vectors = arena.takeMatrix(windows, vectorWidth)
  }
}
