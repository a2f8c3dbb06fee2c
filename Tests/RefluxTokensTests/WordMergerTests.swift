import TestSupport
import Testing

@testable import RefluxTokens

@Suite struct WordMergerTests {
  /// The definition: as long as any pair has a merge, apply the one of the least rank, leftmost
  /// first.
  private func naive(_ word: [UInt32], _ merges: MergeTable) -> [UInt32] {
    var ids = word
    while ids.count > 1 {
      let ranks = zip(ids, ids.dropFirst()).map { merges.rank(TokenPair($0, $1)) }
      guard let least = ranks.min(), least != MergeTable.noMerge,
        let place = ranks.firstIndex(of: least)
      else { break }
      ids.replaceSubrange(place...place + 1, with: [merges.product(ofRank: least)])
    }
    return ids
  }

  /// Merges among few symbols, in any order: also such as training would never make.
  private func randomMerges(_ random: inout TestRandom) -> MergeTable {
    var merges = MergeTable()
    for product in 4..<UInt32.random(in: 5..<40, using: &random) {
      let left = UInt32.random(in: 0..<product, using: &random)
      let right = UInt32.random(in: 0..<product, using: &random)
      _ = merges.append(TokenPair(left, right), product: product)
    }
    return merges
  }

  @Test func bothWaysFollowTheDefinition() {
    var random = TestRandom(seed: 11)
    for round in 0..<600 {
      let merges = randomMerges(&random)
      let word = (0..<round % 70).map { _ in UInt32.random(in: 0..<4, using: &random) }
      let expected = naive(word, merges)
      var merger = WordMerger()
      var flat: [UInt32] = []
      merger.mergeFlat(word, by: merges, into: &flat)
      var list = SymbolList(word, merges: merges)
      list.merge()
      var listed: [UInt32] = []
      list.append(to: &listed)
      #expect(flat == expected)
      #expect(listed == expected)
    }
  }

  @Test func oneWordOfMegabytesIsNoTrap() throws {
    let tokenizer = try Reference.tokenizer()
    for byte in [UInt8(ascii: "a"), UInt8(ascii: " "), UInt8(ascii: "!"), 0xFF] {
      let text = [UInt8](repeating: byte, count: (2 << 20) + 3)
      #expect(try tokenizer.decode(tokenizer.encode(text)) == text)
    }
  }

  private func symbol(of byte: UInt8, _ tokenizer: Tokenizer) -> UInt32 {
    var buffer = SymbolBuffer()
    tokenizer.bytes.append(0..<1, of: [byte].span, to: &buffer)
    return buffer.ids[0]
  }

  @Test func wordsBeyondTheCacheAreMergedAlike() throws {
    let tokenizer = try Reference.tokenizer()
    var random = TestRandom(seed: 3)
    let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
    var expected: [UInt32] = []
    var text: [UInt8] = []
    for _ in 0..<EncodingScratch.cachedWords + 5000 {
      let word = [0x20] + (0..<6).map { _ in letters.randomElement(using: &random) ?? 0x61 }
      text += word
      expected += naive(word.map { symbol(of: $0, tokenizer) }, tokenizer.merges)
    }
    #expect(tokenizer.encode(text) == expected)
    #expect(tokenizer.encode(text) == expected)
  }
}
