/// Everything the quickstart found out, ready to be printed.
///
/// A pure value: equal reports give equal bytes, whatever the machine, locale or time. Nothing is
/// measured or looked up here; a date or a version belongs into `facts`.
public struct QuickstartReport: Equatable, Sendable {
  /// The heading of the page, one short line.
  public var title: String
  /// One sentence under the heading.
  public var subtitle: String
  /// The run: data, tokens, sizes of teacher and student, machine, date, seed, versions, durations.
  public var facts: [Fact]
  /// The results, in the order in which they are to be read. Colours follow this order.
  public var rows: [MethodRow]
  /// Loss on held-out text over the course of training.
  public var heldOutCurves: [LossCurve]
  /// Each method's own training loss; drawn smoothed (`LossCurve` of any number of points).
  public var trainingCurves: [LossCurve]
  /// Calibration of each model on held-out text.
  public var reliability: [ReliabilityDiagram]
  /// Remarks for the reader, one paragraph each: what is noise, what surprised.
  public var notes: [String]

  /// Makes a report; what is left out leaves no gap on the page.
  public init(
    title: String, subtitle: String = "", facts: [Fact] = [], rows: [MethodRow] = [],
    heldOutCurves: [LossCurve] = [], trainingCurves: [LossCurve] = [],
    reliability: [ReliabilityDiagram] = [], notes: [String] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.facts = facts
    self.rows = rows
    self.heldOutCurves = heldOutCurves
    self.trainingCurves = trainingCurves
    self.reliability = reliability
    self.notes = notes
  }
}
