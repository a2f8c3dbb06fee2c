internal import RefluxModel
internal import RefluxTargets
internal import RefluxTraining

/// Sizes and budgets of the quickstart: chosen for about six minutes on two cores.
public struct QuickstartConfiguration: Sendable {
  /// Seed of weights, order and draws.
  public var seed: UInt64
  /// Ids of the tokenizer, the end of text included.
  public var vocabularySize = 4096
  /// Tokens per window.
  public var window = 256
  /// Windows per step.
  public var batch = 16
  /// Training tokens of the teacher, in steps of whole batches.
  public var teacherTokens = 2_500_000
  /// Training tokens of each student.
  public var studentTokens = 1_600_000
  /// The students' text is made of segments of this many tokens of the training text.
  public var segmentTokens = 4096
  /// Peak learning rate of the teacher.
  public var teacherRate = 2e-3
  /// Peak learning rate of the students.
  public var studentRate = 3e-3
  /// Steps of linear warm-up.
  public var warmupSteps = 50
  /// Draws per position of the RS-KD sample sets.
  public var rounds = 50
  /// Ids per position of the top-K baseline.
  public var topK = 12
  /// One file in so many is held out.
  public var heldOutShare: UInt64 = 20
  /// At most so many held-out tokens are evaluated.
  public var heldOutTokens = 131_072
  /// Of these, the ones evaluated while a model trains.
  public var curveTokens = 16_384
  /// Steps from one point of the held-out curve, and one checkpoint, to the next.
  public var curveSteps = 40

  /// Sizes of the teacher: 5.8 M parameters at 4,096 ids.
  public var teacher = Sizes(hidden: 256, intermediate: 688, layers: 6, heads: 4)
  /// Sizes of the students: 1.1 M parameters at 4,096 ids.
  public var student = Sizes(hidden: 128, intermediate: 344, layers: 3, heads: 2)
  /// Text is taken up to about so many bytes, whole files in a random order; nil takes all.
  public var textBytes: Int?

  /// The sizes of `reflux quickstart`.
  public init(seed: UInt64 = 0) { self.seed = seed }

  var tokensPerStep: Int { batch * window }

  /// Two runs share it exactly when one may resume where the other stopped.
  func identity(corpus: UInt64, precision: Precision) -> String {
    "seed=\(seed) vocabulary=\(vocabularySize) window=\(window) batch=\(batch)"
      + " teacher=\(teacherTokens) student=\(studentTokens) rounds=\(rounds) top=\(topK)"
      + " corpus=\(corpus) products=\(precision.rawValue)"
      + (textBytes.map { " text=\($0)" } ?? "")
  }

  /// The sizes of a model but for its vocabulary.
  public struct Sizes: Sendable {
    /// Width of the residual stream.
    public var hidden: Int
    /// Width between the two products of a feed-forward layer.
    public var intermediate: Int
    /// Layers of attention and feed-forward.
    public var layers: Int
    /// Heads of attention.
    public var heads: Int

    func configuration(vocabularySize: Int) -> DecoderConfiguration {
      DecoderConfiguration(
        vocabularySize: vocabularySize, hiddenSize: hidden, intermediateSize: intermediate,
        layers: layers, heads: heads, positions: 512)
    }

    /// `5.8 M parameters`.
    func parameters(vocabularySize: Int) -> String {
      let count = ParameterTable(configuration(vocabularySize: vocabularySize)).count
      return "\((Double(count) / 1e5).rounded() / 10) M parameters"
    }
  }
}

/// One way to train the quickstart's student.
struct StudentMethod: Sendable {
  /// Folder and key of the results.
  var name: String { objective.rawValue }
  /// As readers see it.
  var title: String
  var objective: ObjectiveName

  static func all(topK: Int, rounds: Int) -> [StudentMethod] {
    [
      StudentMethod(title: "CE", objective: .ce),
      StudentMethod(title: "Top-\(topK)", objective: .topk),
      StudentMethod(title: "RS-KD \(rounds)", objective: .rskd),
      StudentMethod(title: "FullKD", objective: .fullkd),
    ]
  }
}
