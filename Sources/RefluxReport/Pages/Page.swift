/// What all pages are made of.
enum Page {
  /// A page that needs nothing else: no script, font, image or network; well-formed as XML too.
  ///
  /// - Parameters:
  ///   - kind: what it shows.
  ///   - title: plain text.
  ///   - sections: markup; empty ones are left out.
  static func html(_ kind: PageKind, title: String, sections: [String]) -> String {
    """
    <!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8"/>
    \(kind.mark)
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'"/>
    <title>\(Markup.escape(title))</title>
    <style>
    \(StyleSheet.text)
    </style>
    </head>
    <body>
    <main>
    \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  /// The heading with a sentence below it, or none.
  static func header(title: String, lead: String) -> String {
    let sentence = lead.isEmpty ? "" : Markup.element("p", ["class": "lead"], text: lead)
    return Markup.element("header", inner: Markup.element("h1", text: title) + sentence)
  }

  /// A grid of figures under a heading; nothing without figures.
  static func section(
    _ title: String, class cssClass: String, figures: [String], note: String = ""
  ) -> String {
    guard !figures.isEmpty else { return "" }
    let text = note.isEmpty ? "" : Markup.element("p", ["class": "note"], text: note)
    let grid = Markup.element("div", ["class": "grid \(cssClass)"], inner: figures.joined())
    return Markup.element("section", inner: Markup.element("h2", text: title) + text + grid)
  }

  /// A drawing under its title and what it shows.
  static func figure(title: String, caption: String, svg: String) -> String {
    let text = Markup.element("h3", text: title) + Markup.element("p", text: caption)
    return Markup.element("figure", inner: Markup.element("figcaption", inner: text) + svg)
  }

  /// Labels and what they stand for.
  static func list(_ pairs: [(String, String)], class cssClass: String) -> String {
    let items = pairs.map { term, text in
      Markup.element(
        "div", inner: Markup.element("dt", text: term) + Markup.element("dd", text: text))
    }
    return Markup.element("dl", ["class": cssClass], inner: items.joined())
  }
}

/// One labelled fact of a run, printed as it is: `("teacher", "4.9 M parameters")`.
public struct Fact: Equatable, Sendable {
  /// What the fact is about, in a few words.
  public var label: String
  /// The fact, with its unit.
  public var value: String

  /// Makes a fact of two texts.
  public init(_ label: String, _ value: String) {
    self.label = label
    self.value = value
  }
}

/// What a page shows, which stands in its mark: a page is drawn over one of its own kind only.
public enum PageKind: String, Sendable, CaseIterable {
  /// What a store is made of.
  case store
  /// Figures of one model.
  case evaluation
  /// Runs of training side by side.
  case runs
  /// The quickstart's figures.
  case quickstart

  /// The markup that only pages of this kind have, within the first kilobyte.
  public var mark: String { #"<meta name="generator" content="reflux \#(rawValue)"/>"# }
}
