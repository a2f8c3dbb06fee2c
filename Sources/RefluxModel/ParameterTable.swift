/// The one table of a decoder's tensors: it makes the memory layout, the file's order and names,
/// the initialisation and the weight decay.
public struct ParameterTable: Sendable {
  /// One tensor: `shape` is [outputs, inputs] for a matrix, [width] for a gain.
  public struct Entry: Sendable {
    /// The tensor's name in Hugging Face's checkpoints.
    public let name: String
    /// Two axes for a matrix, row-major, one for a gain.
    public let shape: [Int]
    /// First element in the flat arrays of weights, gradients and moments.
    public let offset: Int
    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
    /// Gains start at 1 and do not decay; matrices start random and do.
    public var isGain: Bool { shape.count == 1 }
  }

  /// Where a layer's tensors start. Queries, keys and values are adjacent, so are gate and up:
  /// one product computes each group.
  public struct Layer: Sendable {
    /// First elements, as in ``Entry/offset``, of the tensors that begin the layer's groups.
    public let inputGain, projection, output, feedForwardGain, gateUp, down: Int
  }

  /// All tensors, by ascending offset.
  public private(set) var entries: [Entry] = []
  /// The places of each layer, the first layer first.
  public private(set) var layers: [Layer] = []
  /// The embedding's first element; the table is vocabulary x d.
  public private(set) var embedding = 0
  /// The first element of the gain of the norm before the head.
  public private(set) var finalGain = 0
  /// The embedding's offset when the head is tied.
  public private(set) var head = 0
  /// Elements in all.
  public private(set) var count = 0

  /// Lays out a decoder of these sizes, which must be valid; there are no gaps between tensors.
  public init(_ c: DecoderConfiguration) {
    let (d, f) = (c.hiddenSize, c.intermediateSize)
    embedding = add("model.embed_tokens.weight", [c.vocabularySize, d])
    for index in 0..<c.layers {
      let prefix = "model.layers.\(index)."
      let inputGain = add(prefix + "input_layernorm.weight", [d])
      let projection = add(prefix + "self_attn.q_proj.weight", [c.heads * c.headSize, d])
      _ = add(prefix + "self_attn.k_proj.weight", [c.keyHeads * c.headSize, d])
      _ = add(prefix + "self_attn.v_proj.weight", [c.keyHeads * c.headSize, d])
      let output = add(prefix + "self_attn.o_proj.weight", [d, c.heads * c.headSize])
      let feedForwardGain = add(prefix + "post_attention_layernorm.weight", [d])
      let gateUp = add(prefix + "mlp.gate_proj.weight", [f, d])
      _ = add(prefix + "mlp.up_proj.weight", [f, d])
      let down = add(prefix + "mlp.down_proj.weight", [d, f])
      layers.append(
        Layer(
          inputGain: inputGain, projection: projection, output: output,
          feedForwardGain: feedForwardGain, gateUp: gateUp, down: down))
    }
    finalGain = add("model.norm.weight", [d])
    head = c.tiedHead ? embedding : add("lm_head.weight", [c.vocabularySize, d])
  }

  private mutating func add(_ name: String, _ shape: [Int]) -> Int {
    let entry = Entry(name: name, shape: shape, offset: count)
    entries.append(entry)
    count += entry.count
    return entry.offset
  }
}
