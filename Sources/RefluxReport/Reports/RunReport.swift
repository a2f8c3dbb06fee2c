/// Runs of training side by side, ready to be printed.
///
/// A pure value: equal reports give equal bytes, whatever the machine, locale or time.
public struct RunReport: Equatable, Sendable {
  /// A setting that not all runs share, by its name, and what it is in each of them.
  public struct Difference: Equatable, Sendable {
    /// Its name, and its value in each run.
    public var setting: String
    public var values: [String]

    /// - Parameter values: in the order of the runs.
    public init(_ setting: String, _ values: [String]) {
      self.setting = setting
      self.values = values
    }
  }

  /// Whether it is of runs side by side or of one model.
  public var kind = PageKind.runs
  /// The heading of the page, one short line.
  public var title: String
  /// One sentence under the heading.
  public var subtitle: String
  /// The runs, in the order in which they are to be read. Colours follow this order.
  public var rows: [RunRow]
  /// What was set differently in ``rows``.
  public var differences: [Difference] = []
  /// Loss on held-out text over the course of training.
  public var heldOutCurves: [LossCurve]
  /// Each run's own training loss; drawn smoothed.
  public var trainingCurves: [LossCurve]
  /// Tokens per second; drawn smoothed.
  public var rateCurves: [LossCurve]
  /// Percent of the time spent waiting for data; drawn smoothed.
  public var waitCurves: [LossCurve]
  /// Learning rates and norms of the gradients; norms are drawn smoothed.
  public var learningRateCurves: [LossCurve] = []
  public var gradientNormCurves: [LossCurve] = []
  /// Calibration at each run's last evaluation.
  public var reliability: [ReliabilityDiagram]
  /// Everything else, label by label.
  public var facts: [Fact]

  /// Makes a report; what is left out leaves no gap on the page.
  public init(
    title: String, subtitle: String = "", rows: [RunRow] = [], heldOutCurves: [LossCurve] = [],
    trainingCurves: [LossCurve] = [], rateCurves: [LossCurve] = [],
    waitCurves: [LossCurve] = [], reliability: [ReliabilityDiagram] = [], facts: [Fact] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.rows = rows
    self.heldOutCurves = heldOutCurves
    self.trainingCurves = trainingCurves
    self.rateCurves = rateCurves
    self.waitCurves = waitCurves
    self.reliability = reliability
    self.facts = facts
  }
}
