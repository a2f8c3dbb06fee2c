import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reads a page with an independent XML parser and keeps what the tests ask about.
final class PageReader: NSObject, XMLParserDelegate {
  struct Element: Equatable {
    var name: String
    var attributes: [String: String]
    var text = ""
  }

  /// All elements in the order in which they begin; `text` is what stands directly inside.
  private(set) var elements: [Element] = []
  private var open: [Int] = []

  /// The elements of a well-formed page, or nothing.
  static func elements(of page: String) -> [Element]? {
    let reader = PageReader()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = reader
    return parser.parse() && reader.open.isEmpty ? reader.elements : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let last = open.last { elements[last].text += text }
  }
}
