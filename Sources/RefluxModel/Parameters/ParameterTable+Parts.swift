extension ParameterTable {
  /// One tensor of the files.
  public struct Entry: Sendable {
    /// What a tensor is for: it decides the first values and the decay.
    public enum Role: Sendable {
      /// Random values.
      case matrix
      /// A matrix that writes to the residual stream: smaller random values.
      case residual
      /// Ones.
      case gain
      /// Zeros.
      case bias
    }

    /// The tensor's name in Hugging Face's checkpoints.
    public let name: String
    /// Two axes for a matrix, row-major, one for a gain or bias; as in the files.
    public let shape: [Int]
    /// First element in the flat arrays of weights, gradients and moments.
    public let offset: Int
    /// What the tensor is for.
    public let role: Role
    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
    /// Matrices shrink by weight decay, gains and biases do not.
    public var decays: Bool { role == .matrix || role == .residual }
  }

  /// A gain or bias, or several that lie side by side.
  public struct Vector: Sendable {
    /// First element, as in ``Entry/offset``.
    public var offset = 0
    /// The number of elements.
    public var count = 0
    /// The place among the vectors of its layer.
    public var column = 0
  }

  /// A norm of the stream or of heads.
  public struct Norm: Sendable {
    /// What the normalised values are multiplied by.
    public let gain: Vector
    /// What is added to them, if anything.
    public let bias: Vector?
  }

  /// The norms of the heads of queries and of keys, by root mean square.
  public struct HeadNorms: Sendable {
    /// One gain for all heads of queries, one for all of keys.
    public let queries, keys: Vector
  }

  /// y = x W^T + b: a matrix, or several over the same inputs that one product computes.
  public struct Linear: Sendable {
    /// First element of W, as in ``Entry/offset``.
    public let offset: Int
    /// Columns of y and of x.
    public let outputs, inputs: Int
    /// Whether W lies in memory as inputs x outputs, as GPT-2's files have it.
    public let isTransposed: Bool
    /// b, if there is one.
    public let bias: Vector?
  }

  /// A matrix of a layer by itself, as it lies in memory: where several lie stacked for one
  /// product, or in one tensor of the files (GPT-2's queries, keys and values), each of them.
  public struct HiddenMatrix: Sendable {
    /// First element, as in ``Entry/offset``.
    public let offset: Int
    /// Outputs and inputs, or inputs and outputs where the family stores them so.
    public let rows, columns: Int
    /// Elements from one row to the next.
    public let stride: Int
  }

  /// The places of a layer's tensors.
  public struct Layer: Sendable {
    /// Before the attention.
    public let inputNorm: Norm
    /// Queries, keys and values side by side.
    public let projection: Linear
    /// Of queries and keys, if any.
    public let headNorms: HeadNorms?
    /// From the attended values to the stream.
    public let output: Linear
    /// Of what the attention writes to the stream, if any.
    public let outputNorm: Norm?
    /// Before the feed-forward layer.
    public let feedForwardNorm: Norm
    /// Gate and up side by side, or the unit's input.
    public let expansion: Linear
    /// From the unit to the stream.
    public let down: Linear
    /// Of what the feed-forward layer writes to the stream, if any.
    public let downNorm: Norm?
    /// All matrices of the layer, each by itself; every layer has the same sizes.
    public let matrices: [HiddenMatrix]
    /// All gains and biases of the layer.
    public let vectors: [Vector]
    /// Their elements.
    public let vectorWidth: Int
  }
}
