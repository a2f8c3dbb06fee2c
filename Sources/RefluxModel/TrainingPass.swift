public import RefluxKernels

/// Loss and gradient of one batch of windows, over memory taken once.
///
/// Forward: one share per window, no barrier. Head and loss: ``LinearLoss``. Backward: per layer
/// one sweep over the windows for the gradients of the activations and one over slices of the
/// weights for theirs. Shares and the order of all sums depend on the sizes only: any number of
/// workers gives the same bits.
///
/// Memory: for each row and layer about 16 d + 4 P + 8 f + 3 s (d + f) bytes, where P is the width
/// of queries, keys and values and s the size of `Element`; plus 4 bytes per parameter.
@safe
public final class TrainingPass<Element: Scalar>: @unchecked Sendable {
  // Safe because: shares write to disjoint rows or slices of weights.

  /// The objective of the batch's rows.
  public typealias RowLoss = LinearLoss<Element>.RowLoss

  /// The model whose loss is differentiated; its weights are only read.
  public let decoder: Decoder<Element>
  /// Windows of a batch, B.
  public let windows: Int
  /// Tokens of a window, L; a batch has B * L rows.
  public let window: Int
  /// Gradients of all parameters after ``run(_:loss:)``, in the order of the decoder's table.
  public let gradients: View<Float>
  let arena = Arena()
  let tokens: View<UInt32>
  private(set) var starts: DocumentStarts
  let activations: Activations<Element>
  let flow: GradientFlow<Element>
  let head: LinearLoss<Element>
  var rows: Int { windows * window }

  /// Takes the memory of a batch of `windows` windows.
  ///
  /// Traps without windows, or where `window` exceeds ``Decoder/maximumWindow``.
  public init(_ decoder: Decoder<Element>, windows: Int, window: Int) {
    precondition(window <= decoder.maximumWindow && windows >= 1)
    self.decoder = decoder
    self.windows = windows
    self.window = window
    let (c, rows) = (decoder.configuration, windows * window)
    gradients = arena.take(decoder.table.count)
    tokens = arena.take(rows)
    starts = DocumentStarts(windows: windows, window: window, arena: arena)
    activations = Activations(c, rows: rows, training: true, arena: arena)
    flow = GradientFlow(
      c, rows: rows, windows: windows, vectorWidth: decoder.table.vectorWidth, arena: arena)
    head = LinearLoss(
      rows: rows, width: c.hiddenSize, vocabularySize: c.vocabularySize,
      workers: decoder.workers)
  }

  /// Bytes of activations and gradients.
  public var byteCount: Int { arena.byteCount + head.byteCount }

  /// Forward and backward of one batch.
  ///
  /// - Parameters:
  ///   - batch: `windows` x `window` ids below the vocabulary's size.
  ///   - documents: an id per token; within a window neighbours of one id are one document, whose
  ///     positions begin at 0 and which sees no other. Empty: every window is one document.
  ///   - loss: the objective; its gradient scale decides what ``gradients`` is the gradient of.
  /// - Returns: the sum of the rows' losses, added up in the order of the rows' shares.
  public func run(
    _ batch: Span<UInt32>, documents: Span<UInt32> = Span(), loss: RowLoss
  ) -> Double {
    precondition(batch.count == rows && [0, rows].contains(documents.count))
    tokens.copy(from: batch)
    starts.fill(from: documents)
    decoder.workers.run(windows) { index, worker in
      decoder.forward(
        tokens.slice(index * window, window), activations.rows(index * window, window),
        documents: starts.ofWindow(index), worker: worker)
    }
    let total = withoutActuallyEscaping(loss) { loss in
      decoder.configuration.logitSoftcap == nil
        ? headAndLoss(loss) : headAndLoss { throughSoftcap($0, $1, $2, loss) }
    }
    backward()
    return total
  }

  /// Logits, loss and the head's gradients; leaves d hidden in `flow.stream`.
  private func headAndLoss(_ loss: RowLoss) -> Double {
    let c = decoder.configuration
    let gradient = Matrix(
      gradients.slice(decoder.table.head, c.vocabularySize * c.hiddenSize),
      rows: c.vocabularySize, columns: c.hiddenSize)
    return head.run(
      hidden: activations.normed, head: decoder.head, hiddenGradient: flow.stream,
      headGradient: gradient, loss: loss)
  }
}

/// Gradients of the activations of one layer at a time, for all rows.
struct GradientFlow<Element: Scalar> {
  let stream: Matrix<Float>  // rows x d: of the residual stream, flowing backward
  let residual: Matrix<Float>  // rows x d: scratch of the head's norm
  let outputOperand: Matrix<Element>  // rows x d: of the layer's output
  let middleOperand: Matrix<Element>  // rows x d: of the stream between the two halves
  let expanded: Matrix<Element>  // rows x (gate | up), or rows x f
  let projections: Matrix<Element>  // rows x P
  let vectors: Matrix<Float>  // windows x (gains | biases): each window's share of their gradients

  init(
    _ c: DecoderConfiguration, rows: Int, windows: Int, vectorWidth: Int, arena: Arena
  ) {
    stream = arena.takeMatrix(rows, c.hiddenSize)
    residual = arena.takeMatrix(rows, c.hiddenSize)
    outputOperand = arena.takeMatrix(rows, c.hiddenSize)
    middleOperand = arena.takeMatrix(rows, c.hiddenSize)
    expanded = arena.takeMatrix(rows, c.expansionWidth)
    projections = arena.takeMatrix(rows, c.projectionWidth)
    vectors = arena.takeMatrix(windows, vectorWidth)
  }
}
