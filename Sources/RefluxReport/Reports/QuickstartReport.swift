internal import RefluxTargets

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

extension QuickstartReport {
  /// The table of results as a section of the page.
  func resultSection() -> String {
    let columns = Column.columns(for: rows)
    let palette = palette
    return Page.table(
      "Results", caption: "Figures on held-out text, one row per model",
      headings: ["method"] + columns.map(\.heading),
      rows: rows.map { row in
        Page.Row(
          name: row.method, style: palette[row.method], cells: columns.map { $0.text(of: row) },
          isTeacher: row.isTeacher)
      })
  }
}

extension QuickstartReport {
  /// What the table comes to, in a sentence: how much of the gap between labels and the whole
  /// teacher RS-KD closes, and where top-K ends; or that the gap is too small to tell.
  ///
  /// Nil without rows of `ce`, `fullkd` and `rskd`.
  public var finding: String? {
    guard let labels = row(.ce), let whole = row(.fullkd), let drawn = row(.rskd) else {
      return nil
    }
    let gap = labels.lmLoss - whole.lmLoss
    guard gap.isFinite, drawn.lmLoss.isFinite else { return nil }
    let between = "\(labels.method) and \(whole.method)"
    if gap < Self.telling {
      return "\(between) end \(Figure.fixed(gap, decimals: 3)) nats apart: too little to tell the"
        + " methods apart by their losses at this size."
    }
    let share = 100 * (labels.lmLoss - drawn.lmLoss) / gap
    return "\(drawn.method) closes \(Figure.fixed(share, decimals: 0)) % of the"
      + " \(Figure.fixed(gap, decimals: 3)) nats between \(between)" + rival(labels) + "."
  }

  /// The least gap in nats that one seed can tell from noise, which is about 0.01.
  public static let telling = 0.05

  private func rival(_ labels: MethodRow) -> String {
    guard let top = row(.topk), top.lmLoss.isFinite else { return "" }
    let difference = top.lmLoss - labels.lmLoss
    return "; \(top.method) ends \(Figure.fixed(abs(difference), decimals: 3)) nats "
      + (difference > 0 ? "worse" : "better") + " than \(labels.method)"
  }

  private func row(_ objective: ObjectiveName) -> MethodRow? {
    rows.first { $0.objective == objective }
  }
}
