extension RunReport {
  /// The report as one HTML page that needs nothing else: no script, font, image or network.
  ///
  /// Light and dark follow the reader's system; the page fits 360 pixels of width and paper. It
  /// is well-formed XML too. All texts are escaped; parts without figures are left out. Size:
  /// about 12 KB and up to 10 KB per curve.
  public func html() -> String {
    let palette = palette
    let table = Page.table(
      "Runs", caption: "The last figures of each run", headings: RunRow.headings,
      rows: rows.map { Page.Row(name: $0.name, style: palette[$0.name], cells: $0.cells) })
    let sections = [
      Page.header(title: title, lead: subtitle), table, settingTable(palette),
      Page.section("Loss", class: "two", figures: lossFigures()),
      Page.section("Steps", class: "two", figures: stepFigures()),
      Page.section("Speed", class: "two", figures: speedFigures()),
      Page.section(
        "Confidence and accuracy", class: "many", figures: reliabilityFigures(),
        note: "Accuracy (upwards) over confidence (to the right). On the diagonal a model is right "
          + "as often as it claims; below it, it is too confident. The area of a mark, and the "
          + "bar below it, show how much of the text it stands for."),
      factSection(),
    ]
    return Page.html(kind, title: title, sections: sections)
  }

  /// The settings that differ: a column for each, so that many runs make it longer, not wider.
  private func settingTable(_ palette: Palette) -> String {
    if differences.isEmpty { return "" }
    let rows = rows.enumerated().map { number, row in
      Page.Row(
        name: row.name, style: palette[row.name],
        cells: differences.map { $0.values.indices.contains(number) ? $0.values[number] : "" })
    }
    return Page.table(
      "Settings", caption: "What was set differently; all else was equal",
      headings: ["Run"] + differences.map(\.setting), rows: rows)
  }

  /// The colours of all names on the page, in the order of the table.
  private var palette: Palette {
    let curves =
      heldOutCurves + trainingCurves + learningRateCurves + gradientNormCurves + rateCurves
      + waitCurves
    return Palette(
      names: rows.map(\.name) + curves.map(\.name) + reliability.map(\.name), teachers: [])
  }

  private func lossFigures() -> [String] {
    let heldOut = LossChart.heldOut(heldOutCurves, palette)
    let training = LossChart.training(trainingCurves, palette)
    return [
      figure(heldOut, "Cross-entropy on text that is not trained on."),
      figure(
        training,
        "Each run's own loss, smoothed by a running mean over five percent of the run. Losses of "
          + "different kinds: compare shapes, not heights."),
    ].compactMap { $0 }
  }

  private func stepFigures() -> [String] {
    let rate = chart(
      "Learning rate", "chart-learning-rate", learningRateCurves, isSmoothed: false,
      .init(axisName: "per step", noun: "learning rate", decimals: 5))
    let norm = chart(
      "Gradient norm", "chart-gradient-norm", gradientNormCurves,
      .init(axisName: "before clipping", noun: "gradient norm", decimals: 3))
    return [
      figure(rate, "The rate of each step."),
      figure(norm, "Over all weights, before it is clipped; smoothed."),
    ].compactMap { $0 }
  }

  private func speedFigures() -> [String] {
    let rate = chart(
      "Rate", "chart-rate", rateCurves,
      .init(axisName: "tokens per second", noun: "rate", decimals: 0))
    let wait = chart(
      "Data wait", "chart-wait", waitsAreSeen ? waitCurves : [],
      .init(axisName: "% of the time", noun: "data wait", decimals: 2))
    return [
      figure(rate, "Training steps only, without evaluations and checkpoints; smoothed."),
      figure(wait, "Share of the steps' time in which training waited for its data; smoothed."),
    ].compactMap { $0 }
  }

  /// Whether any wait is more than nothing to two digits.
  private var waitsAreSeen: Bool {
    waitCurves.contains { $0.points.contains { $0.loss >= 0.005 } }
  }

  private func chart(
    _ title: String, _ identifier: String, _ curves: [LossCurve], isSmoothed: Bool = true,
    _ quantity: LossChart.Quantity
  ) -> LossChart {
    var chart = LossChart(
      title: title, identifier: identifier,
      curves: curves.map { isSmoothed ? $0.smoothed() : $0.thinned(limit: 240) },
      palette: palette, hasMarks: false)
    chart.quantity = quantity
    return chart
  }

  private func figure(_ chart: LossChart, _ caption: String) -> String? {
    let remark = chart.cutoff.map {
      " The start of training, above \(Figure.fixed($0, decimals: 1)), lies outside the frame."
    }
    return chart.svg().map {
      Page.figure(title: chart.title, caption: caption + (remark ?? ""), svg: $0)
    }
  }

  private func reliabilityFigures() -> [String] {
    reliability.enumerated().map { index, diagram in
      let chart = ReliabilityChart(
        diagram: diagram, identifier: "chart-reliability-\(index)", palette: palette)
      let caption = "ECE " + Figure.percent(diagram.ecePercent, decimals: 1)
      return Page.figure(title: diagram.name, caption: caption, svg: chart.svg())
    }
  }

  private func factSection() -> String {
    guard !facts.isEmpty else { return "" }
    return Markup.element(
      "section",
      inner: Markup.element("h2", text: "Figures")
        + Page.list(facts.map { ($0.label, $0.value) }, class: "facts"))
  }
}
