extension QuickstartReport {
  /// What the table comes to, in a sentence: how much of the gap between labels and the whole
  /// teacher RS-KD closes, and where top-K ends; or that the gap is too small to tell.
  ///
  /// Nil without rows of `ce`, `fullkd` and `rskd`.
  public var finding: String? {
    guard let labels = row("ce"), let whole = row("fullkd"), let drawn = row("rskd") else {
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
    guard let top = row("topk"), top.lmLoss.isFinite else { return "" }
    let difference = top.lmLoss - labels.lmLoss
    return "; \(top.method) ends \(Figure.fixed(abs(difference), decimals: 3)) nats "
      + (difference > 0 ? "worse" : "better") + " than \(labels.method)"
  }

  private func row(_ loss: String) -> MethodRow? {
    rows.first { $0.lossName == loss && !$0.isTeacher }
  }
}
