public import RefluxTargets

/// Where the records of a store come from; written once into its header.
public struct StoreProvenance: Equatable, Sendable {
  /// `Tokenizer.fingerprint` of the tokenizer that made the ids; 0 if unknown.
  public var tokenizerHash: UInt64
  /// `TokenStore.fingerprint` of the token store that a sample store belongs to; 0 in token
  /// stores, and in sample stores whose tokens are unknown.
  public var tokensHash: UInt64
  /// A hash of the teacher's weights; 0 if unknown.
  public var teacherHash: UInt64
  /// The teacher's name, at most 4,096 bytes of UTF-8; empty in token stores.
  public var teacher: String
  /// The estimator's name as the command knows it, such as `multinomial`; empty in token stores.
  public var estimator: String
  /// How the teacher's windows were cut, such as `windows`; empty in token stores.
  public var packing: String
  /// What wrote the store, such as `reflux 0.1`.
  public var software: String
  /// Draws per record; the counts of every counted record sum to it. 0 in token stores.
  public var rounds: Int
  /// The temperature exponent of the proposal.
  public var tau: Double
  /// Whether the shares of the draws are an estimate of the teacher's distribution; otherwise of
  /// that to the power ``tau``, and the store is one of counts.
  public var isCorrected: Bool
  /// The temperature of the teacher's softmax, to which sets and scalars belong.
  public var temperature: Double
  /// The exponent of the scalar `power`; nil where records have none.
  public var gamma: Double?
  /// The seed of the sampler.
  public var seed: UInt64
  /// Tokens that the teacher saw per window; 0 in token stores.
  public var contextLength: Int
  /// Tokens between the starts of two windows of the teacher; 0 in token stores.
  public var stride: Int
  /// When the store was begun, in seconds since 1970; 0 if unknown.
  public var created: Int
  /// Anything else: keys of `a` to `z`, `0` to `9`, `-` and `.`, at most 64 bytes; values of at
  /// most 4,096 bytes of UTF-8.
  public var notes: [String: String]

  /// The defaults stand for unknown or not applicable; nothing is checked until a store is written.
  public init(
    tokenizerHash: UInt64 = 0, tokensHash: UInt64 = 0, teacherHash: UInt64 = 0,
    teacher: String = "", estimator: String = "", packing: String = "", software: String = "",
    rounds: Int = 0, tau: Double = 1, isCorrected: Bool = true, temperature: Double = 1,
    gamma: Double? = nil, seed: UInt64 = 0, contextLength: Int = 0, stride: Int = 0,
    created: Int = 0, notes: [String: String] = [:]
  ) {
    self.tokenizerHash = tokenizerHash
    self.tokensHash = tokensHash
    self.teacherHash = teacherHash
    self.teacher = teacher
    self.estimator = estimator
    self.packing = packing
    self.software = software
    self.rounds = rounds
    self.tau = tau
    self.isCorrected = isCorrected
    self.temperature = temperature
    self.gamma = gamma
    self.seed = seed
    self.contextLength = contextLength
    self.stride = stride
    self.created = created
    self.notes = notes
  }
}

extension StoreProvenance {
  /// The estimator, where it is one that is known here.
  public var knownEstimator: Estimator? { Estimator(rawValue: estimator) }

  /// How the teacher's windows were cut, where that is known here.
  public var knownPacking: Packing? { Packing(rawValue: packing) }
}
