import RefluxStorage
import TestSupport
import Testing

/// Everything that a header can say comes back from the file.
@Suite struct HeaderTextTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("h.rfx") }

  private func roundTrip(_ provenance: StoreProvenance) throws -> StoreHeader {
    var configuration = TokenStoreConfiguration(vocabularySize: 300, provenance: provenance)
    configuration.knownVocabulary = 299
    configuration.firstPosition = 1 << 62 - 1
    _ = try TokenStoreWriter(path: path, configuration: configuration).seal()
    #expect(try StoreVerification.verify(path: path).isValid)
    return try TokenStore(path: path).header
  }

  static let full = StoreProvenance(
    tokenizerHash: .max, tokensHash: 1, teacherHash: 1 << 63, teacher: "größe/😀",
    estimator: "multinomial", packing: "documents", software: "reflux 9.9",
    rounds: Int(Int32.max), tau: -0.0, seed: .max, contextLength: Int(Int32.max),
    stride: Int(Int32.max), created: 1 << 62 - 1,
    notes: ["a": "1", "b.c-d": "\n", "0": "zero", "teacher2": "x"])

  @Test func everyField() throws {
    let header = try roundTrip(Self.full)
    #expect(header.provenance == Self.full)
    #expect(header.provenance.tau.sign == .minus)
    #expect(header.firstPosition == 1 << 62 - 1)
    #expect(header.vocabularySize == 300 && header.knownVocabulary == 299)
    #expect(try roundTrip(StoreProvenance()).provenance == StoreProvenance())
  }

  @Test func theLongestTexts() throws {
    var provenance = StoreProvenance(teacher: String(repeating: "é", count: 2048))
    provenance.notes[String(repeating: "k", count: 64)] = String(repeating: "v", count: 4096)
    for number in 0..<13 { provenance.notes["n\(number)"] = String(repeating: "x", count: 4096) }
    #expect(try roundTrip(provenance).provenance == provenance)
  }

  /// Every number of filling bytes between the texts and the checksum.
  @Test func everyLengthOfTexts() throws {
    for length in 1...24 {
      let provenance = StoreProvenance(notes: ["k": String(repeating: "v", count: length)])
      #expect(try roundTrip(provenance).provenance == provenance)
    }
  }

  @Test func textsWithoutAValueAreLeftOut() throws {
    let header = try roundTrip(StoreProvenance(notes: ["empty": ""]))
    #expect(header.provenance == StoreProvenance())
  }

  /// What a resumed or verified store is compared by is in the header to the last bit.
  @Test func unicodeIsNotNormalized() throws {
    let composed = StoreProvenance(teacher: "\u{E9}")
    let header = try roundTrip(composed)
    #expect(Array(header.provenance.teacher.utf8) == [0xC3, 0xA9])
    let decomposed = try roundTrip(StoreProvenance(teacher: "e\u{301}"))
    #expect(Array(decomposed.provenance.teacher.utf8) == [0x65, 0xCC, 0x81])
  }
}
