/// What a store is made of, ready to be printed.
///
/// A pure value: equal reports give equal bytes, whatever the machine, locale or time.
public struct StoreReport: Equatable, Sendable {
  /// A figure that stands out, and what it is.
  public struct Highlight: Equatable, Sendable {
    /// The figure with its unit.
    public var figure: String
    /// What it is, a few words.
    public var text: String

    /// Takes two texts.
    public init(_ figure: String, _ text: String) {
      self.figure = figure
      self.text = text
    }
  }

  /// One column of a chart.
  public struct Column: Equatable, Sendable {
    /// Where it starts and ends on the axis.
    public var from: Double
    public var to: Double
    /// How high it is.
    public var height: Double
    /// What is shown for it, such as `12 ids: 345 sets`.
    public var label: String

    /// A column; one that is not finite, or has no width, is left out of the chart.
    public init(from: Double, to: Double, height: Double, label: String) {
      self.from = from
      self.to = to
      self.height = height
      self.label = label
    }
  }

  /// Columns over a number.
  public struct Chart: Equatable, Sendable {
    /// The heading, one short line.
    public var title: String
    /// One sentence that says what is shown.
    public var caption: String
    /// What the axis is, and what the columns count.
    public var axisName: String
    public var countName: String
    /// In any order.
    public var columns: [Column]
    /// Whether the columns stand at logarithms to base 2 of what the axis is; the powers are shown.
    public var isBinary = false

    /// Takes the values as they are.
    public init(
      title: String, caption: String, axisName: String, countName: String, columns: [Column]
    ) {
      self.title = title
      self.caption = caption
      self.axisName = axisName
      self.countName = countName
      self.columns = columns
    }
  }

  /// A part of the whole.
  public struct Part: Equatable, Sendable {
    /// What it is.
    public var name: String
    /// Its size in the unit of all parts.
    public var size: Double
    /// The size as text with its unit.
    public var label: String

    /// Takes the values as they are.
    public init(name: String, size: Double, label: String) {
      self.name = name
      self.size = size
      self.label = label
    }
  }

  /// The heading of the page, one short line.
  public var title: String
  /// One sentence under the heading.
  public var subtitle: String
  /// Figures that stand out, at most four.
  public var highlights: [Highlight]
  /// What takes the bytes.
  public var parts: [Part]
  /// Charts in the order in which they are to be read.
  public var charts: [Chart]
  /// What is the most frequent, beside the charts.
  public var ranks: [Part]
  /// Everything else, label by label.
  public var facts: [Fact]

  /// Makes a report; what is left out leaves no gap on the page.
  public init(
    title: String, subtitle: String = "", highlights: [Highlight] = [], parts: [Part] = [],
    charts: [Chart] = [], ranks: [Part] = [], facts: [Fact] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.highlights = highlights
    self.parts = parts
    self.charts = charts
    self.ranks = ranks
    self.facts = facts
  }
}

extension StoreReport {
  /// The report as one HTML page that needs nothing else: no script, font, image or network.
  ///
  /// Light and dark follow the reader's system; the page fits 360 pixels of width and paper. It
  /// is well-formed XML too. All texts are escaped; parts without figures are left out.
  public func html() -> String {
    let sections = [
      Page.header(title: title, lead: subtitle), highlightSection(),
      Page.section("Content and bytes", class: "two", figures: chartFigures() + partFigures()),
      factSection(),
    ]
    return Page.html(.store, title: title, sections: sections)
  }

  private func highlightSection() -> String {
    let items = highlights.map { highlight in
      Markup.element(
        "li",
        inner: Markup.element("strong", text: highlight.figure)
          + Markup.element("span", text: highlight.text))
    }
    guard !items.isEmpty else { return "" }
    return Markup.element("ul", ["class": "highlights"], inner: items.joined())
  }

  private func chartFigures() -> [String] {
    var figures = charts.enumerated().compactMap { index, chart in
      var columns = ColumnChart(
        title: chart.title, identifier: "chart-\(index)", axisName: chart.axisName,
        countName: chart.countName, columns: chart.columns)
      columns.isBinary = chart.isBinary
      return columns.svg().map {
        Page.figure(title: chart.title, caption: chart.caption, svg: $0)
      }
    }
    let rankChart = ShareChart(
      title: "Most frequent ids", identifier: "chart-ranks", parts: ranks, isWhole: false)
    if let svg = rankChart.svg() {
      let caption = "How often they stand in the store, and their share of all tokens."
      figures.append(Page.figure(title: rankChart.title, caption: caption, svg: svg))
    }
    return figures
  }

  private func partFigures() -> [String] {
    let chart = ShareChart(
      title: "What takes the bytes", identifier: "chart-parts", parts: parts, isWhole: true)
    return chart.svg().map {
      [
        Page.figure(
          title: chart.title, caption: "Every byte of the store belongs to one of these parts.",
          svg: $0)
      ]
    } ?? []
  }

  private func factSection() -> String {
    guard !facts.isEmpty else { return "" }
    return Markup.element(
      "section",
      inner: Markup.element("h2", text: "The store")
        + Page.list(facts.map { ($0.label, $0.value) }, class: "facts"))
  }
}
