public import RefluxKernels

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
  /// Deviation of a new model's matrices.
  public var initializerRange = Self.usualInitializerRange
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

  /// What `initializer_range` is where a file does not say it.
  package static var usualInitializerRange: Double { 0.02 }

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

/// The architectures that are built here, by Hugging Face's `model_type`: they name the keys of
/// config.json and the tensors, and fix what their configurations leave open.
public enum ModelFamily: String, CaseIterable, Sendable {
  /// Llama 1 to 3, TinyLlama, SmolLM.
  case llama
  /// Mistral 7B: Llama's layers with a sliding window.
  case mistral
  /// Qwen 2 and 2.5: biases on queries, keys and values.
  case qwen2
  /// Qwen 3: norms of queries and keys.
  case qwen3
  /// Gemma 2: norms after the layers too, softcaps, windows in every other layer.
  case gemma2
  /// GPT-2: LayerNorm, learned positions, GELU, biases everywhere.
  case gpt2

  /// The class that Hugging Face's config.json names for a model with a head.
  public var architecture: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    case .gemma2: "Gemma2ForCausalLM"
    case .gpt2: "GPT2LMHeadModel"
    }
  }
}

/// How the stream is normalised before attention, feed-forward layer and head.
public enum NormKind: Equatable, Sendable {
  /// Root mean square, with a gain.
  case rms
  /// Mean and deviation, with gain and bias.
  case layer
}

/// How a layer knows where a token stands.
public enum PositionKind: Equatable, Sendable {
  /// Queries and keys turn by angles of this base, stretched by `scaling`.
  case rotary(base: Double, scaling: RotaryScaling = .none)
  /// A vector per position is added to the embedding.
  case learned
}

/// What stands between the two matrices of the feed-forward layer.
public enum FeedForwardKind: Equatable, Sendable {
  /// silu(gate) * up: the first matrix has twice the width.
  case swiGLU
  /// gelu(gate) * up by the tanh form, likewise.
  case geGLU
  /// The unit, column by column.
  case gelu(GELU)
}

/// Which matrices have a bias.
public struct Biases: OptionSet, Sendable {
  /// One bit for each of the static members.
  public let rawValue: Int

  /// Any bits; only those of the static members mean something.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Queries, keys and values.
  public static let projections = Biases(rawValue: 1)
  /// The output of the attention.
  public static let attentionOutput = Biases(rawValue: 2)
  /// Both matrices of the feed-forward layer.
  public static let feedForward = Biases(rawValue: 4)
  /// The whole attention.
  public static let attention: Biases = [.projections, .attentionOutput]
  /// Every matrix of a layer.
  public static let all: Biases = [.projections, .attentionOutput, .feedForward]
}

/// Layers whose positions see only the last `size` positions, themselves included.
public struct SlidingWindow: Equatable, Sendable {
  /// Positions that one sees.
  public var size: Int
  /// Which layers have the window, one element for each layer; nil for all.
  public var layers: [Bool]?

  /// Every layer has the window unless `layers` says otherwise.
  public init(size: Int, layers: [Bool]? = nil) {
    self.size = size
    self.layers = layers
  }
}

/// The ids that config.json gives for text generation; they do not change what a model computes and
/// are carried from file to file.
public struct SpecialTokens: Equatable, Sendable {
  /// Begins a text.
  public var beginning: Int?
  /// Each of these ends a text.
  public var end: [Int]
  /// Fills up short texts in a batch.
  public var padding: Int?

  /// None unless given.
  public init(beginning: Int? = nil, end: [Int] = [], padding: Int? = nil) {
    self.beginning = beginning
    self.end = end
    self.padding = padding
  }
}
