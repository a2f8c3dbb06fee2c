/// Sizes of a Llama-style decoder, as in Hugging Face's `config.json`.
public struct DecoderConfiguration: Equatable, Sendable {
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
  /// Added to the mean square in RMSNorm, between 0 and 1.
  public var normEpsilon: Float
  /// Base of the rotary angles.
  public var ropeBase: Double
  /// Whether the output head is the embedding table.
  public var tiedHead: Bool

  /// `keyHeads` defaults to `heads`, `headSize` to hiddenSize / heads; ``validate()`` has limits.
  public init(
    vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layers: Int, heads: Int,
    keyHeads: Int? = nil, headSize: Int? = nil, positions: Int = 2048, normEpsilon: Float = 1e-5,
    ropeBase: Double = 10_000, tiedHead: Bool = true
  ) {
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layers = layers
    self.heads = heads
    self.keyHeads = keyHeads ?? heads
    self.headSize = headSize ?? (heads > 0 ? hiddenSize / heads : 0)
    self.positions = positions
    self.normEpsilon = normEpsilon
    self.ropeBase = ropeBase
    self.tiedHead = tiedHead
  }

  /// Trainable numbers.
  public var parameterCount: Int { ParameterTable(self).count }

  /// Throws ``ModelError/configuration(field:found:expected:)`` for the first size that no decoder
  /// can have.
  public func validate() throws(ModelError) {
    try Self.require("vocab_size", vocabularySize, 1...(1 << 24))
    try Self.require("hidden_size", hiddenSize, 1...(1 << 16))
    try Self.require("intermediate_size", intermediateSize, 1...(1 << 18))
    try Self.require("num_hidden_layers", layers, 1...1024)
    try Self.require("num_attention_heads", heads, 1...1024)
    try Self.require("num_key_value_heads", keyHeads, 1...heads)
    try Self.require("head_dim", headSize, 2...4096)
    try Self.require("max_position_embeddings", positions, 1...(1 << 22))
    if heads % keyHeads != 0 {
      throw .configuration(
        field: "num_key_value_heads", found: "\(keyHeads)", expected: "a divisor of \(heads)")
    }
    if headSize % 2 != 0 {
      throw .configuration(field: "head_dim", found: "\(headSize)", expected: "an even number")
    }
    if !(normEpsilon > 0 && normEpsilon < 1) {
      throw .configuration(field: "rms_norm_eps", found: "\(normEpsilon)", expected: "0...1")
    }
    if !(ropeBase > 1 && ropeBase.isFinite) {
      throw .configuration(field: "rope_theta", found: "\(ropeBase)", expected: "above 1")
    }
  }

  private static func require(
    _ field: String, _ value: Int, _ range: ClosedRange<Int>
  ) throws(ModelError) {
    if !range.contains(value) {
      throw .configuration(field: field, found: "\(value)", expected: "\(range)")
    }
  }
}
