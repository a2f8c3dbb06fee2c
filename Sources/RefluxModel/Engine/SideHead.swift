internal import RefluxKernels
public import RefluxMemory

/// A linear head beside a model's own, over the same hidden states: V x d weights and their
/// gradient.
///
/// Memory: 8 bytes per weight, 2 more with bfloat16.
@safe
public final class SideHead: @unchecked Sendable {
  // Safe because: written between passes by one thread, or by slices of its own by each worker.
  /// The weights, all 0 at first; see ``weightsChanged(from:_:)``.
  public let weights: Matrix<Float>
  /// Becomes the gradient by the weights in `GradientPass/differentiate(_:adds:loss:)`.
  public let gradient: Matrix<Float>
  private let rounded: View<BFloat16>?
  private let model: any LanguageModel
  private let arena = Arena()

  /// - Parameter model: whose hidden states it reads.
  public init(beside model: any LanguageModel) {
    let (rows, width) = (model.configuration.vocabularySize, model.configuration.hiddenSize)
    self.model = model
    weights = arena.takeMatrix(rows, width)
    gradient = arena.takeMatrix(rows, width)
    rounded = model.precision == .bfloat16 ? arena.take(rows * width) : nil
  }

  /// The weights become those of the model's own head, which may be its embedding.
  public func copyOwnHead() {
    let count = weights.elements.count
    weights.elements.copy(from: model.weights.slice(model.table.head, count))
    weightsChanged(from: 0, count)
  }

  /// Call after writing to `count` weights from `start` on: renews the products' operands.
  public func weightsChanged(from start: Int, _ count: Int) {
    guard let rounded else { return }
    convert(weights.elements.slice(start, count), into: rounded.slice(start, count))
  }

  /// The weights as an operand.
  func operand<Element: Scalar>(as: Element.Type) -> Matrix<Element> {
    let operands = rounded?.settled(as: Element.self) ?? weights.elements.settled(as: Element.self)
    return Matrix(operands, rows: weights.rows, columns: weights.columns)
  }
}
