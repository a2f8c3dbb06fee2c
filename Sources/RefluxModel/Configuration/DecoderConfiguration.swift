/// Sizes and choices of a decoder, as in Hugging Face's `config.json`.
///
/// The block is the same for all families: stream + attention(norm(stream)), then
/// stream + feedForward(norm(stream)). What differs are independent choices.
public struct DecoderConfiguration: Equatable, Sendable {
  /// Names the keys and tensors of the files; the choices below are free of it.
  public var family: ModelFamily
  /// Rows of the embedding table; token ids are below it.
  public var vocabularySize: Int
  /// Width d of the residual stream.
  public var hiddenSize: Int
  /// Width f of the feed-forward layer.
  public var intermediateSize: Int
  /// Blocks of attention and feed-forward layer, one after the other.
  public var layers: Int
  /// Heads of queries in each layer.
  public var heads: Int
  /// Heads of keys and values; divides `heads` (grouped-query attention).
  public var keyHeads: Int
  /// Width of one head, even; heads * headSize may differ from `hiddenSize`.
  public var headSize: Int
  /// Longest context in tokens.
  public var positions: Int
  /// The norms of the stream.
  public var norm: NormKind
  /// Added to the mean square in every norm, between 0 and 1.
  public var normEpsilon: Float
  /// Whether gains are stored as what they differ from 1 by.
  public var gainsAreOffsets = false
  /// Whether what attention and feed-forward layer write to the stream is normalised, too.
  public var normsOutputs = false
  /// Whether embeddings are multiplied by sqrt(d).
  public var scalesEmbedding = false
  /// Products of queries and keys are divided by its root; nil for the head's size.
  public var queryScalar: Double?
  /// Keeps the scaled products of queries and keys within a limit.
  public var attentionSoftcap: Float?
  /// Keeps logits within a limit.
  public var logitSoftcap: Float?
  /// Whether queries and keys are normalised head by head, by root mean square, before they turn.
  public var normsHeads: Bool
  /// Rotary or learned positions.
  public var position: PositionKind
  /// The layers that see less than all positions, if any.
  public var slidingWindow: SlidingWindow?
  /// The unit of the feed-forward layer.
  public var feedForward: FeedForwardKind
  /// The matrices with a bias.
  public var biases: Biases
  /// Whether the output head is the embedding table.
  public var tiedHead: Bool
  /// Ids that generation elsewhere needs.
  public var specialTokens = SpecialTokens()

  /// A Llama; other families set the properties. `keyHeads` defaults to `heads`, `headSize` to
  /// hiddenSize / heads; ``validate()`` has limits.
  public init(
    vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layers: Int, heads: Int,
    keyHeads: Int? = nil, headSize: Int? = nil, positions: Int = 2048, normEpsilon: Float = 1e-5,
    ropeBase: Double = 10_000, tiedHead: Bool = true
  ) {
    family = .llama
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layers = layers
    self.heads = heads
    self.keyHeads = keyHeads ?? heads
    self.headSize = headSize ?? (heads > 0 ? hiddenSize / heads : 0)
    self.positions = positions
    norm = .rms
    self.normEpsilon = normEpsilon
    normsHeads = false
    position = .rotary(base: ropeBase)
    feedForward = .swiGLU
    biases = []
    self.tiedHead = tiedHead
  }

  /// Trainable numbers.
  public var parameterCount: Int { ParameterTable(self).count }

  /// Columns of queries, keys and values side by side.
  var projectionWidth: Int { (heads + 2 * keyHeads) * headSize }

  /// Columns of the feed-forward layer's first product: gate and up, or the unit's input alone.
  var expansionWidth: Int {
    if case .gelu = feedForward { intermediateSize } else { 2 * intermediateSize }
  }

  /// The most positions that a layer's positions see, nil for all.
  func window(ofLayer index: Int) -> Int? {
    slidingWindow.flatMap { $0.layers?[index] ?? true ? $0.size : nil }
  }
}
