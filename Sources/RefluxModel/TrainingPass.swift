public import RefluxKernels

/// Loss and gradient of one batch of windows, over memory taken once.
///
/// Forward: one share per window, no barrier. Head and loss: chunks of rows, so that
/// [tokens x vocabulary] never exists whole. Backward: per layer one sweep over the windows for the
/// gradients of the activations and one over slices of the weights for theirs. Shares and the order
/// of all sums depend on the sizes only: any number of workers gives the same bits.
///
/// Memory: for each row and layer about 16 d + 4 P + 8 f + 3 s (d + f) bytes, where P is the width
/// of queries, keys and values and s the size of `Element`; plus 4 bytes per parameter.
@safe
public final class TrainingPass<Element: Scalar>: @unchecked Sendable {
  // Safe because: shares write to disjoint rows or slices of weights.

  /// Turns a matrix of logits of the batch's rows into scaled gradients, in place, and returns the
  /// sum of their losses. Called by several workers at once, for disjoint rows.
  public typealias RowLoss =
    @Sendable (_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double

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
  let activations: Activations<Element>
  let flow: GradientFlow<Element>
  let chunk: HeadChunk<Element>
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
    activations = Activations(c, rows: rows, training: true, arena: arena)
    flow = GradientFlow(
      c, rows: rows, windows: windows, vectorWidth: decoder.table.vectorWidth, arena: arena)
    chunk = HeadChunk(c, rows: rows, arena: arena)
  }

  /// The most rows that a ``RowLoss`` is given at once.
  public static var largestShare: Int { 128 }

  /// Bytes of activations and gradients.
  public var byteCount: Int { arena.byteCount }

  /// Forward and backward of one batch.
  ///
  /// - Parameters:
  ///   - batch: `windows` x `window` ids below the vocabulary's size.
  ///   - loss: the objective; its gradient scale decides what ``gradients`` is the gradient of.
  /// - Returns: the sum of the rows' losses, added up in the order of the rows' shares.
  public func run(_ batch: Span<UInt32>, loss: RowLoss) -> Double {
    precondition(batch.count == rows)
    tokens.copy(from: batch)
    decoder.workers.run(windows) { index, worker in
      decoder.forward(
        tokens.slice(index * window, window), activations.rows(index * window, window), from: 0,
        worker: worker)
    }
    let total = withoutActuallyEscaping(loss) { loss in
      decoder.configuration.logitSoftcap == nil
        ? headAndLoss(loss) : headAndLoss { throughSoftcap($0, $1, $2, loss) }
    }
    backward()
    return total
  }

  /// Logits, loss and the head's gradients, chunk by chunk; leaves d hidden in `flow.stream`.
  private func headAndLoss(_ loss: RowLoss) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: rows, by: chunk.rows) {
      let count = min(chunk.rows, rows - start)
      let shares = (count + chunk.share - 1) / chunk.share
      decoder.workers.run(shares) { share, worker in
        let row = share * chunk.share
        let size = min(chunk.share, count - row)
        chunk.losses[share] = lossOfShare(start, row, size, loss, worker)
      }
      for share in 0..<shares { total += chunk.losses[share] }
      addHeadGradient(start, count)
    }
    return total
  }

  private func lossOfShare(
    _ start: Int, _ row: Int, _ count: Int, _ loss: RowLoss, _ worker: Int
  ) -> Double {
    let logits = chunk.logits.rows(row, count)
    let hidden = activations.normed.rows(start + row, count)
    decoder.logits(hidden, into: logits, worker: worker)
    let total = loss(start + row..<start + row + count, logits, worker)
    let gradient = chunk.operand(row, count)
    decoder.scratch[worker].products.multiply(
      gradient, decoder.head, into: flow.stream.rows(start + row, count))
    return total
  }

  /// dW_head (+)= d logits^T hidden, by slices of the vocabulary.
  private func addHeadGradient(_ start: Int, _ count: Int) {
    let (c, slice) = (decoder.configuration, 512)
    let hidden = activations.normed.rows(start, count)
    let target = Matrix(
      gradients.slice(decoder.table.head, c.vocabularySize * c.hiddenSize),
      rows: c.vocabularySize, columns: c.hiddenSize)
    let logitGradients = chunk.gradients.rows(0, count)
    decoder.workers.run((c.vocabularySize + slice - 1) / slice) { index, worker in
      let size = min(slice, c.vocabularySize - index * slice)
      decoder.scratch[worker].products.multiply(
        logitGradients.columns(index * slice, size).transposed, hidden,
        into: target.rows(index * slice, size), accumulate: start > 0)
    }
  }
}

/// The logits of a chunk of rows and what becomes of them.
struct HeadChunk<Element: Scalar> {
  let rows: Int
  /// Rows of one share of a chunk.
  let share: Int
  let logits: Matrix<Float>
  let gradients: Matrix<Element>  // the same memory as the logits when Element is Float
  let losses: View<Double>

  /// Chunks of at most 16 Mi logits (64 MiB), 4 to 16 shares.
  init(_ c: DecoderConfiguration, rows: Int, arena: Arena) {
    share = c.vocabularySize > 32_768 ? 64 : TrainingPass<Element>.largestShare
    let shares = min(max((16 << 20) / (c.vocabularySize * share), 4), 8)
    self.rows = min(shares * share, rows)
    logits = arena.takeMatrix(self.rows, c.vocabularySize)
    let same = Element.self == Float.self
    gradients = Matrix(
      same
        ? logits.elements.settled(as: Element.self) : arena.take(self.rows * c.vocabularySize),
      rows: self.rows, columns: c.vocabularySize)
    losses = arena.take(shares)
  }

  /// The gradients of some rows as an operand.
  func operand(_ start: Int, _ count: Int) -> Matrix<Element> {
    let part = gradients.rows(start, count)
    if Element.self != Float.self {
      convert(logits.rows(start, count).elements, into: part.elements)
    }
    return part
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
