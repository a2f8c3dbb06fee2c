import RefluxJSON
import RefluxTokens
import TestSupport
import Testing

/// Damaged tokenizer files and JSON texts: each is read or refused, and what is read works.
@Suite struct TokenizerFuzzTests {
  private func smallTokenizer() throws -> [UInt8] {
    var trainer = BytePairTrainer(vocabularySize: 280)
    trainer.add(Array("the cat sat on the mat, the hat that the cat had".utf8))
    return try trainer.train().json()
  }

  private func check(_ json: [UInt8]) throws {
    guard let tokenizer = try? Tokenizer(json: json) else { return }
    let text = Array("the cat's 3 hats\u{301} \n".utf8) + [0xFF, 0x00]
    var counts = EncodingCounts()
    let ids = tokenizer.encode(text.span, counting: &counts)
    let isWhole = counts.droppedBytes + counts.unknownBytes == 0
    // A damaged decoder or normalizer may be one that keeps a text from coming back.
    guard let decoded = try? tokenizer.decode(ids), isWhole else { return }
    #expect(decoded == text || String(decoding: json, as: UTF8.self).contains("NFC"))
  }

  @Test func damagedTokenizersAreReadOrRefused() throws {
    let good = try smallTokenizer()
    try check(good)
    var random = TestRandom(seed: 21)
    for _ in 0..<1500 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.remove(at: place)
        default:
          let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
          bytes.insert(
            contentsOf: bytes[place..<end], at: Int.random(in: 0..<place + 1, using: &random))
        }
      }
      try check(bytes)
    }
  }

  @Test func truncatedTokenizersAreRefused() throws {
    let good = try smallTokenizer()
    for count in stride(from: 0, to: good.count, by: 7) {
      #expect(throws: TokenizerError.self) { try Tokenizer(json: Array(good.prefix(count))) }
    }
  }

  @Test func randomJSONNeverCrashesAndReadsBack() throws {
    var random = TestRandom(seed: 4)
    let pieces = Array(#"{}[],:"\u19eE+-.tfn 0 true false null "a" "\ud83d\ude00" 1e9 -2"#.utf8)
    for _ in 0..<20000 {
      let count = Int.random(in: 0..<24, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? 0x20 }
      guard let value = try? JSONValue(parsing: text) else { continue }
      #expect(try JSONValue(parsing: value.encoded()) == value)
    }
  }
}
