import TestSupport
import Testing

@testable import RefluxTokens

/// Canonical composition against the rules of Unicode; `added.json` has it against the library.
@Suite struct CanonicalFormTests {
  private func composed(_ bytes: [UInt8]) -> [UInt8] {
    CanonicalForm.shared.compose(bytes.span) ?? bytes
  }

  private func composed(_ text: String) -> String {
    String(decoding: composed(Array(text.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    ("cafe\u{301}", "caf\u{e9}"), ("\u{212b}", "\u{c5}"), ("a\u{323}\u{301}", "\u{1ea1}\u{301}"),
    ("a\u{301}\u{323}", "\u{1ea1}\u{301}"), ("\u{1100}\u{1161}\u{11a8}", "\u{ac01}"),
    ("\u{ac00}\u{11a8}", "\u{ac01}"), ("\u{ac01}\u{11a8}", "\u{ac01}\u{11a8}"),
    ("\u{958}", "\u{915}\u{93c}"), ("\u{344}", "\u{308}\u{301}"), ("\u{f900}", "\u{8c48}"),
    ("\u{301}\u{300}a\u{301}", "\u{301}\u{300}\u{e1}"), ("\u{1e0a}\u{323}", "\u{1e0c}\u{307}"),
    // Characters of Unicode 10 and later are what the library does not know.
    ("\u{11382}\u{113c9}", "\u{11382}\u{113c9}"), ("a\u{8d3}\u{334}", "a\u{8d3}\u{334}"),
  ])
  func composes(_ text: String, _ expected: String) {
    #expect(Array(composed(text).unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test func whatIsComposedIsLeftAlone() {
    for text in ["plain", "caf\u{e9} \u{ac01} 日本", "x\u{301}\u{35f}", "\u{915}\u{94d}\u{937}"] {
      let bytes = Array(text.utf8)
      #expect(CanonicalForm.shared.compose(bytes.span) == nil)
    }
  }

  @Test func bytesThatAreNoUTF8Part() {
    let bytes: [UInt8] = [0x65, 0xFF, 0xCC, 0x81, 0x65, 0xCC, 0x81, 0xCC]
    #expect(composed(bytes) == [0x65, 0xFF, 0xCC, 0x81, 0xC3, 0xA9, 0xCC])
  }

  private func utf8(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    scalars.flatMap { Array(String($0).utf8) }
  }

  /// Twice is once, and a boundary is one: over random scalars of every kind.
  @Test func isStableAndCutsAtBoundaries() throws {
    var random = TestRandom(seed: 6)
    let marks = CanonicalForm.classRuns.map { $0 >> 8 }
    for _ in 0..<4000 {
      let scalars = (0..<6).compactMap { _ in
        Unicode.Scalar(
          Bool.random(using: &random)
            ? marks.randomElement(using: &random) ?? 0
            : UInt32.random(in: 0...0x3100, using: &random))
      }
      let whole = composed(utf8(scalars[...]))
      #expect(composed(whole) == whole)
      for place in 1..<max(1, scalars.count)
      where CanonicalForm.shared.isBoundary(Int(scalars[place].value)) {
        let parts = composed(utf8(scalars[..<place])) + composed(utf8(scalars[place...]))
        #expect(parts == whole, "\(scalars)")
      }
    }
  }
}
