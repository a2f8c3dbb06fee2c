internal import RefluxKernels
public import RefluxMemory

/// Forward passes of a model without gradients, over memory taken once.
public protocol ForwardPass: AnyObject, Sendable {
  /// The model that runs; the pass reads its weights as they are at each call.
  var model: any LanguageModel { get }
  /// Tokens of every window, L; ``extend(_:from:)`` fills its one window bit by bit.
  var window: Int { get }

  /// Runs all layers over `batch.count / window` windows.
  ///
  /// - Parameters:
  ///   - batch: whole windows of ids below the vocabulary's size.
  ///   - documents: an id per token; within a window neighbours of one id are one document, whose
  ///     positions begin at 0 and which sees no other. Empty: every window is one document.
  func run(_ batch: Span<UInt32>, documents: Span<UInt32>)

  /// Runs all layers over the next tokens of the one window that stands at position `start`:
  /// earlier positions were given in earlier calls, their keys and values are kept.
  func extend(_ next: Span<UInt32>, from start: Int)

  /// Logits of rows (token positions) that the last call has run: rows x vocabulary.
  ///
  /// - Parameter worker: whose room is used, below the number of workers; several may ask at once.
  func logits(_ rows: Range<Int>, into logits: Matrix<Float>, worker: Int)
}

extension ForwardPass {
  /// Every window is one document.
  public func run(_ batch: Span<UInt32>) { run(batch, documents: Span()) }
}

/// Loss and gradient of one batch of windows, over memory taken once.
public protocol GradientPass: AnyObject, Sendable {
  /// Turns a matrix of logits of the rows into scaled gradients, in place, and returns the sum of
  /// their losses. Called by several workers at once, for disjoint rows.
  typealias RowLoss =
    @Sendable (_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double
  /// Reads logits, which it may overwrite. Called as a ``RowLoss`` is.
  typealias RowLook =
    @Sendable (_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Void

  /// The model whose loss is differentiated; its weights are only read.
  var model: any LanguageModel { get }
  /// Windows of a batch, B.
  var windows: Int { get }
  /// Tokens of a window, L; a batch has B * L rows.
  var window: Int { get }
  /// The most rows that a ``RowLoss`` is given at once.
  var rowsPerShare: Int { get }
  /// Gradients of all parameters after ``backward()``, in the order of the model's table.
  var gradients: View<Float> { get }

  /// Runs all layers over a batch; what they leave serves any number of backward passes.
  ///
  /// - Parameters:
  ///   - batch: `windows` x `window` ids below the vocabulary's size.
  ///   - documents: an id per token; within a window neighbours of one id are one document, whose
  ///     positions begin at 0 and which sees no other. Empty: every window is one document.
  func forward(_ batch: Span<UInt32>, documents: Span<UInt32>)
  /// Shows all logits of the last ``forward(_:documents:)``, for one more product with the head.
  func look(_ look: RowLook)

  /// Logits of all rows, their loss, and its gradients by the head and by the hidden states.
  ///
  /// - Parameters:
  ///   - side: a head in place of the model's own, whose gradient then is that of its weights.
  ///   - adds: whether ``backward()`` begins with the sum of this loss and the one before, of the
  ///     model's own head; otherwise the gradient of a head that was not asked is 0.
  ///   - loss: the objective; its gradient scale decides what ``gradients`` is the gradient of.
  /// - Returns: the sum of the rows' losses, added up in the order of the rows' shares.
  func differentiate(_ side: SideHead?, adds: Bool, loss: RowLoss) -> Double
  /// From the gradients by the hidden states to those of all parameters.
  func backward()
}

extension GradientPass {
  /// Forward and backward of one batch, with the model's own head: see the parts.
  public func run(
    _ batch: Span<UInt32>, documents: Span<UInt32> = Span(), loss: RowLoss
  ) -> Double {
    forward(batch, documents: documents)
    let total = differentiate(nil, adds: false, loss: loss)
    backward()
    return total
  }
}
