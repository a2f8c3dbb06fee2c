/// The figures of one run of training: one row of the table.
///
/// A figure that is `nil`, not a number or infinite is printed as a dash.
public struct RunRow: Equatable, Sendable {
  /// The run's name as readers see it; names the run in every chart.
  public var name: String
  /// The last logged step.
  public var steps: Int
  /// Tokens trained on up to it.
  public var tokens: Int
  /// The training's own loss there, in nats.
  public var loss: Double?
  /// The last cross-entropy on held-out text, and the lowest one, in nats per token.
  public var heldOutLoss: Double?
  public var bestHeldOutLoss: Double?
  /// Expected calibration error at the last evaluation, in percent.
  public var ecePercent: Double?
  /// Mean over the steps.
  public var tokensPerSecond: Double?
  /// Share of the steps' time spent waiting for data, in percent.
  public var dataWaitPercent: Double?
  /// Time taken, evaluations and checkpoints included.
  public var seconds: Double?

  /// Makes a row; figures that are left out are dashes.
  public init(
    name: String, steps: Int, tokens: Int, loss: Double? = nil, heldOutLoss: Double? = nil,
    bestHeldOutLoss: Double? = nil, ecePercent: Double? = nil, tokensPerSecond: Double? = nil,
    dataWaitPercent: Double? = nil, seconds: Double? = nil
  ) {
    self.name = name
    self.steps = steps
    self.tokens = tokens
    self.loss = loss
    self.heldOutLoss = heldOutLoss
    self.bestHeldOutLoss = bestHeldOutLoss
    self.ecePercent = ecePercent
    self.tokensPerSecond = tokensPerSecond
    self.dataWaitPercent = dataWaitPercent
    self.seconds = seconds
  }

  static let headings = [
    "run", "held-out loss", "lowest", "loss", "steps", "tokens", "ECE %", "tokens/s",
    "data wait %", "minutes",
  ]

  /// The cells under ``headings``, but for the name.
  var cells: [String] {
    [
      Figure.fixed(heldOutLoss, decimals: 3), Figure.fixed(bestHeldOutLoss, decimals: 3),
      Figure.fixed(loss, decimals: 3), Figure.fixed(Double(steps), decimals: 0),
      Figure.fixed(Double(tokens), decimals: 0), Figure.fixed(ecePercent, decimals: 1),
      Figure.fixed(tokensPerSecond, decimals: 0), Figure.fixed(dataWaitPercent, decimals: 1),
      Figure.fixed(seconds.map { $0 / 60 }, decimals: 1),
    ]
  }
}
