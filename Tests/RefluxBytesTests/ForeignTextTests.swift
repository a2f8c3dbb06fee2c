import RefluxBytes
import Testing

@Suite struct ForeignTextTests {
  @Test(arguments: [
    ("plain text, größe, 漢字, 😀", "plain text, größe, 漢字, 😀"),
    ("a\u{202E}b\u{2028}c\u{2066}d", "a\\u{202E}b\\u{2028}c\\u{2066}d"),
    ("line\nend\r\ttab\u{1B}[31m\u{7F}\u{85}", "line\\nend\\r\\ttab\\u{1B}[31m\\u{7F}\\u{85}"),
    ("\u{FEFF}a\u{200B}\u{AD}\u{3164}\u{E0041}", "\\u{FEFF}a\\u{200B}\\u{AD}\\u{3164}\\u{E0041}"),
    ("e\u{301} ❤️", "e\u{301} ❤️"), ("", ""),
  ])
  func showsWhatHasNoPictureAsEscapes(text: String, expected: String) {
    #expect(ForeignText.shown(text) == expected)
    #expect("<\(foreign: text)>" == "<\(expected)>")
  }

  @Test func cutsLongTexts() {
    let fits = String(repeating: "x", count: 100)
    #expect(ForeignText.excerpt(fits) == fits)
    #expect(ForeignText.excerpt(fits + "y") == fits + "...")
    // One letter with a million marks is one character to Swift, and no reason to show them.
    let marks = "e" + String(repeating: "\u{301}", count: 1_000_000)
    #expect(ForeignText.excerpt(marks).unicodeScalars.count == 103)
    #expect(ForeignText.excerpt(fits.dropLast(99)) == "x")
  }
}
