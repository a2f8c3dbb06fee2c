extension QuickstartReport {
  /// The report as one HTML page that needs nothing else: no script, font, image or network.
  ///
  /// Light and dark follow the reader's system; the page fits 360 pixels of width and paper. It
  /// is well-formed XML too. All texts are escaped; parts without figures are left out. Size:
  /// about 15 KB and, per loss curve, up to 10 KB.
  public func html() -> String {
    let sections = [
      header(), highlightSection(), resultSection(),
      section("Against CE and FullKD", class: "three", figures: comparisonFigures(), note: guide),
      section("In the course of training", class: "two", figures: curveFigures(), note: ""),
      section(
        "Confidence and accuracy", class: "many", figures: reliabilityFigures(),
        note: "Accuracy (upwards) over confidence (to the right). On the diagonal a model is right "
          + "as often as it claims; below it, it is too confident. The area of a mark, and the "
          + "bar below it, show how much of the text it stands for."),
      noteSection(), definitionSection(), factSection(),
    ]
    return Page.html(.quickstart, title: title, sections: sections)
  }

  private var guide: String {
    let names = rows.filter(\.isReference).map(\.method)
    return names.isEmpty ? "" : "Dotted lines mark \(names.joined(separator: " and "))."
  }

  private func header() -> String { Page.header(title: title, lead: subtitle) }

  private func highlightSection() -> String {
    let items = highlights.map { highlight in
      Markup.element(
        "li",
        inner: Markup.element("strong", text: highlight.figure)
          + Markup.element("span", inner: sentence(of: highlight)))
    }
    guard !items.isEmpty else { return "" }
    return Markup.element("ul", ["class": "highlights"], inner: items.joined())
  }

  private func sentence(of highlight: Highlight) -> String {
    let rivals = highlight.rivals.map { Markup.element("b", text: $0) }.joined(separator: ", ")
    return Markup.escape(highlight.text) + (rivals.isEmpty ? "" : "; ") + rivals
  }

  private func section(
    _ title: String, class cssClass: String, figures: [String], note: String
  ) -> String {
    Page.section(title, class: cssClass, figures: figures, note: note)
  }

  private func noteSection() -> String {
    let paragraphs = notes.map { Markup.element("p", text: $0) }
    guard !paragraphs.isEmpty else { return "" }
    return Markup.element(
      "section", ["class": "prose"],
      inner: Markup.element("h2", text: "Notes") + paragraphs.joined())
  }

  private func factSection() -> String {
    guard !facts.isEmpty else { return "" }
    return Markup.element(
      "section",
      inner: Markup.element("h2", text: "The run")
        + Page.list(facts.map { ($0.label, $0.value) }, class: "facts"))
  }

  private func definitionSection() -> String {
    guard !rows.isEmpty else { return "" }
    let definitions = [
      ("LM loss", "Mean cross-entropy on held-out text, in nats per token."),
      ("Gap closed", "(CE − loss) / (CE − FullKD): 0 % is no teacher, 100 % the whole teacher."),
      ("ECE", "Mean distance between confidence and accuracy over bins of confidence."),
      (
        "Acceptance",
        "Overlap of teacher and student, Σ min(p, q): the share of a student's drafts that the "
          + "teacher accepts in speculative decoding."
      ),
      ("Data wait", "Share of the step time in which training waited for its data."),
    ]
    return Markup.element(
      "section",
      inner: Markup.element("h2", text: "What the figures mean")
        + Page.list(definitions, class: "terms"))
  }
}
