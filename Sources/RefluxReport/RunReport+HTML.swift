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
      Page.header(title: title, lead: subtitle), table,
      Page.section("Loss", class: "two", figures: lossFigures()),
      Page.section("Speed", class: "two", figures: speedFigures()),
      Page.section(
        "Confidence and accuracy", class: "many", figures: reliabilityFigures(),
        note: "Accuracy (upwards) over confidence (to the right). On the diagonal a model is right "
          + "as often as it claims; below it, it is too confident. The area of a mark, and the "
          + "bar below it, show how much of the text it stands for."),
      factSection(),
    ]
    return Page.html(title: title, sections: sections)
  }

  /// The colours of all names on the page, in the order of the table.
  private var palette: Palette {
    let curves = heldOutCurves + trainingCurves + rateCurves + waitCurves
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

  private func speedFigures() -> [String] {
    var rate = LossChart(
      title: "Rate", identifier: "chart-rate", curves: rateCurves.map { $0.smoothed() },
      palette: palette, hasMarks: false)
    rate.quantity = .init(axisName: "tokens per second", noun: "rate", decimals: 0)
    var wait = LossChart(
      title: "Data wait", identifier: "chart-wait", curves: waitCurves.map { $0.smoothed() },
      palette: palette, hasMarks: false)
    wait.quantity = .init(axisName: "% of the time", noun: "data wait", decimals: 2)
    return [
      figure(rate, "Training steps only, without evaluations and checkpoints; smoothed."),
      figure(wait, "Share of the steps' time in which training waited for its data; smoothed."),
    ].compactMap { $0 }
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
