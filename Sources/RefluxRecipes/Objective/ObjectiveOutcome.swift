public import RefluxLosses

/// An objective on arrays.
public struct ObjectiveOutcome: Sendable {
  /// By the book.
  public var result: ReferenceResult
  /// The parts of `llp`.
  public var links: ReferenceLinks?
  /// The loss of a training on the same rows in float32; nil where there is none.
  public var kernelLoss: Double?
  /// The largest difference of its gradient to that by the book.
  public var kernelDifference: Double?

  /// The loss: with the known links where there are any.
  public var loss: Double { links?.loss ?? result.loss }
}
