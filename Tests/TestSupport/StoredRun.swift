public import Foundation

/// The runs that `Tests/RefluxTrainingTests/References/make_reference.py` stored; see there for
/// what every figure means.
public struct StoredRun: Decodable, Sendable {
  /// A tensor in two numbers: its norm, and its product with cos(0), cos(1), ...
  public struct Summary: Decodable, Sendable {
    /// The root of the sum of squares.
    public var norm: Double
    /// sum_i x_i cos(i).
    public var probe: Double
  }

  /// Ten steps of one model with one loss.
  public struct Course: Decodable, Sendable {
    /// Mean loss of every step.
    public var losses: [Double]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    /// Norm of every step's gradients before clipping.
    public var gradient_norms: [Double]
    /// Gradients of the first step by tensor.
    public var gradients: [String: Summary]
    /// Final less initial weights by tensor.
    public var changes: [String: Summary]
  }

  /// Windows per step.
  public var batch: Int
  /// Tokens per window.
  public var window: Int
  /// Steps of every run.
  public var steps: Int
  /// What the counts of a sample set sum to.
  public var rounds: Int
  /// Ids of a top-K set.
  public var top: Int
  /// The largest learning rate.
  public var peak: Double
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// The last learning rate as a share of the largest.
  public var floor_share: Double
  /// Steps of the warm-up.
  public var warmup: Int
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// The rate of every step.
  public var learning_rates: [Double]
  /// Courses by model, then by loss.
  public var runs: [String: [String: Course]]

  /// Where the references lie.
  public static let folder = RepositoryFolder.file("Tests/RefluxTrainingTests/References")

  /// Reads reference.json.
  public static func load() throws -> StoredRun {
    let json = try Data(contentsOf: URL(fileURLWithPath: folder + "/reference.json"))
    return try JSONDecoder().decode(StoredRun.self, from: json)
  }

  /// The initial weights of `grouped`, `plain` or `teacher`.
  public static func weights(_ model: String) throws -> StoredTensors {
    try StoredTensors(path: folder + "/\(model)/model.safetensors")
  }

  /// The config.json of a model.
  public static func configuration(_ model: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + "/\(model)/config.json"))
  }

  /// The logits and gradients of a student's first step.
  public static func results(_ model: String) throws -> StoredTensors {
    try StoredTensors(path: folder + "/\(model).safetensors")
  }

  /// Tokens and targets.
  public static func data() throws -> StoredData {
    let tensors = try StoredTensors(path: folder + "/data.safetensors")
    return StoredData(tensors)
  }
}

/// The token stream and the targets of its positions.
public struct StoredData: Sendable {
  /// The stream: 361 ids.
  public let tokens: [UInt32]
  /// Ids and counts of each position.
  public let samples: [(ids: [UInt32], counts: [UInt32])]
  /// Ids and raw probabilities of each position.
  public let top: [(ids: [UInt32], weights: [Float])]

  init(_ tensors: StoredTensors) {
    tokens = tensors.integers("tokens").map { UInt32($0) }
    let ids = tensors.integers("sample_ids").map { UInt32($0) }
    let counts = tensors.integers("sample_counts").map { UInt32($0) }
    var start = 0
    samples = tensors.integers("sample_lengths").map { length in
      defer { start += length }
      return (Array(ids[start..<start + length]), Array(counts[start..<start + length]))
    }
    let (topIds, weights) = (tensors.integers("topk_ids"), tensors.floats("topk_weights"))
    let width = tensors.shape("topk_ids")[1]
    top = (0..<tensors.shape("topk_ids")[0]).map { position in
      let range = position * width..<(position + 1) * width
      return (topIds[range].map { UInt32($0) }, Array(weights[range]))
    }
  }
}
