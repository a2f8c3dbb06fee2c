import TestSupport
import Testing

@testable import RefluxTokens

@Suite struct WordScannerTests {
  private func words(_ bytes: [UInt8], _ pattern: WordPattern) -> [Int] {
    let scanner = WordScanner(pattern)
    var lengths: [Int] = []
    var start = 0
    while start < bytes.count {
      let end = scanner.endOfWord(from: start, in: bytes.span)
      guard end > start, end <= bytes.count else { return [-1] }
      lengths.append(end - start)
      start = end
    }
    return lengths
  }

  @Test(arguments: WordPattern.allCases)
  func randomTextsFallIntoTheReferencesWords(_ pattern: WordPattern) {
    let texts = Reference.texts("randoms")
    let expected = Reference.numbers("words", "\(pattern)")
    #expect(texts.count == expected.count && texts.count > 200)
    for (text, lengths) in zip(texts, expected) {
      #expect(words(Array(text.utf8), pattern) == lengths, "\(text.debugDescription)")
    }
  }

  @Test(arguments: WordPattern.allCases)
  func randomBytesFallIntoWordsThatCoverThem(_ pattern: WordPattern) {
    var random = TestRandom(seed: 5)
    for count in 0..<300 {
      let bytes = random.bytes(count)
      #expect(words(bytes, pattern).reduce(0, +) == count)
    }
  }

  @Test func invalidBytesAreOfClassOther() {
    #expect(words([0x61, 0xFF, 0xFE, 0x62], .gpt2) == [1, 2, 1])
    // A scalar cut short, an overlong slash, a surrogate, a value beyond the last.
    #expect(words([0xE6, 0x97, 0x61], .gpt2) == [2, 1])
    #expect(words([0xC0, 0xAF, 0x61], .gpt2) == [2, 1])
    #expect(words([0xED, 0xA0, 0x80, 0x61], .gpt2) == [3, 1])
    #expect(words([0xF4, 0x90, 0x80, 0x80, 0x61], .gpt2) == [4, 1])
  }

  @Test func decodesEveryScalarAndNothingElse() {
    for value in UInt32(0x80)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let bytes = Array(String(scalar).utf8)
      let decoded = UTF8Scalar.decode(at: 0, in: bytes.span)
      guard decoded?.scalar != Int(value) || decoded?.length != bytes.count else { continue }
      Issue.record("U+\(String(value, radix: 16))")
    }
    for first in UInt8(0x80)...0xFF {
      for second in UInt8.min...UInt8.max {
        let bytes = [first, second]
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        #expect((UTF8Scalar.decode(at: 0, in: bytes.span) != nil) == isValid)
      }
    }
  }

  /// Unicode may reassign a handful of old characters; it never does more.
  @Test func classesAgreeWithTheSystemsUnicode() {
    var differences = 0
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age, age.major <= 16
      else { continue }
      let expected: CharacterClass =
        switch scalar.properties.generalCategory {
        case _ where scalar.properties.isWhitespace: .space
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
          .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: .other
        }
      if CharacterClass.table[Int(value)] != expected.rawValue { differences += 1 }
    }
    #expect(differences <= 16)
    #expect(CharacterClass.table.count == 0x110000)
  }

  @Test func theAlphabetSpellsEveryByteOnce() {
    #expect(Set(ByteAlphabet.scalars).count == 256)
    let all = (UInt8.min...UInt8.max).map { $0 }
    #expect(ByteAlphabet.bytes(of: ByteAlphabet.spell(all)) == all)
    #expect(ByteAlphabet.spell([0x20, 0x0A, 0x41, 0xAD]) == "ĠĊAŃ")
    #expect(ByteAlphabet.bytes(of: "a b") == nil)
  }
}
