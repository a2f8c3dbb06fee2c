extension QuickstartReport {
  /// The colours of all names on the page: methods first, in the order of the table.
  var palette: Palette {
    let curves = (heldOutCurves + trainingCurves).map(\.name)
    let teachers = rows.filter(\.isTeacher).map(\.method)
    return Palette(
      names: rows.map(\.method) + curves + reliability.map(\.name), teachers: Set(teachers))
  }

  /// The three comparisons of the methods, those that have figures.
  func comparisonFigures() -> [String] {
    let students = rows.filter { !$0.isTeacher }
    let loss = comparison(
      "LM loss", caption: "Held-out cross-entropy. Lower is better.", identifier: "loss",
      axisName: "nats per token", rows: rows, figure: { $0.lmLoss },
      label: { Figure.fixed($0, decimals: 3) }, startsAtZero: false)
    let error = comparison(
      "Calibration error", caption: "Distance between confidence and accuracy. Lower is better.",
      identifier: "ece", axisName: "ECE, %", rows: rows, figure: { $0.ecePercent },
      label: { Figure.percent($0, decimals: 1) }, startsAtZero: true)
    let acceptance = comparison(
      "Speculative acceptance",
      caption: "Share of drafted tokens that the teacher would accept. Higher is better.",
      identifier: "acceptance", axisName: "accepted, %", rows: students,
      figure: { $0.acceptancePercent }, label: { Figure.percent($0, decimals: 1) },
      startsAtZero: false)
    return [loss, error, acceptance].compactMap { $0 }
  }

  private func comparison(
    _ title: String, caption: String, identifier: String, axisName: String, rows: [MethodRow],
    figure: (MethodRow) -> Double?, label: (Double) -> String, startsAtZero: Bool
  ) -> String? {
    let dots = rows.compactMap { row in
      figure(row).map { value in
        DotChart.Row(
          name: row.method, value: value, label: Figure.typeset(label(value)),
          isReference: row.isReference)
      }
    }
    let chart = DotChart(
      title: title, identifier: "chart-" + identifier, axisName: axisName, rows: dots,
      palette: palette, startsAtZero: startsAtZero)
    return chart.svg().map { self.figure(title: title, caption: caption, svg: $0) }
  }

  /// The loss curves on held-out text and in training, those that have points.
  func curveFigures() -> [String] {
    let heldOut = LossChart.heldOut(heldOutCurves, palette)
    let training = LossChart.training(trainingCurves, palette)
    return [
      curveFigure(heldOut, caption: "Cross-entropy on text that no model was trained on."),
      curveFigure(
        training,
        caption: "Each method's own loss, smoothed by a running mean over five percent of the "
          + "run. Losses of different kinds: compare shapes, not heights."),
    ].compactMap { $0 }
  }

  private func curveFigure(_ chart: LossChart, caption: String) -> String? {
    let remark = chart.cutoff.map {
      " The start of training, above \(Figure.fixed($0, decimals: 1)), lies outside the frame."
    }
    return chart.svg().map {
      figure(title: chart.title, caption: caption + (remark ?? ""), svg: $0)
    }
  }

  /// One small figure per reliability diagram.
  func reliabilityFigures() -> [String] {
    reliability.enumerated().map { index, diagram in
      let chart = ReliabilityChart(
        diagram: diagram, identifier: "chart-reliability-\(index)", palette: palette)
      let caption = "ECE " + Figure.percent(diagram.ecePercent, decimals: 1)
      return figure(title: diagram.name, caption: caption, svg: chart.svg())
    }
  }

  private func figure(title: String, caption: String, svg: String) -> String {
    Page.figure(title: title, caption: caption, svg: svg)
  }
}
