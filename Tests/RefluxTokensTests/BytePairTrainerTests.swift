import RefluxTokens
import TestSupport
import Testing

@Suite struct BytePairTrainerTests {
  @Test func learnsTheReferencesTokenizerByteForByte() throws {
    var trainer = BytePairTrainer(vocabularySize: 640)
    trainer.add(try Reference.bytes("corpus.txt"))
    #expect(try trainer.train().json() == Reference.bytes("trained.json"))
  }

  @Test func theOrderOfDocumentsDoesNotMatter() throws {
    let lines = try Reference.text("corpus.txt").split(separator: "\n").map { Array($0.utf8) }
    var forward = BytePairTrainer(vocabularySize: 400)
    for line in lines { forward.add(line) }
    var backward = BytePairTrainer(vocabularySize: 400)
    for line in lines.reversed() { backward.add(line) }
    #expect(try forward.train().fingerprint == backward.train().fingerprint)
  }

  @Test func stopsWhereNoPairIsLeft() throws {
    var trainer = BytePairTrainer()
    trainer.add(Array("abab abab x".utf8))
    let tokenizer = try trainer.train()
    // "ab", " abab"'s parts, and nothing that comes once.
    let learnt = (257..<UInt32(tokenizer.vocabularySize)).compactMap { tokenizer.bytes(of: $0) }
    #expect(learnt == ["ab", "abab"].map { Array($0.utf8) })
    #expect(tokenizer.encode("abab").count == 1)
  }

  @Test func minimumCountOneMergesEverything() throws {
    var trainer = BytePairTrainer(vocabularySize: 4096, minimumCount: 1)
    trainer.add(Array("unique".utf8))
    #expect(try trainer.train().encode("unique").count == 1)
  }

  @Test func overlappingPairsAreCountedOnceMerged() throws {
    var trainer = BytePairTrainer(vocabularySize: 260)
    trainer.add(Array("aaaaaaa".utf8))
    let tokenizer = try trainer.train()
    #expect(tokenizer.bytes(of: 257) == Array("aa".utf8))
    #expect(tokenizer.bytes(of: 258) == Array("aaaa".utf8))
    #expect(tokenizer.vocabularySize == 259)
    #expect(try tokenizer.decode(tokenizer.encode("aaaaaaa")) == Array("aaaaaaa".utf8))
  }

  @Test func reportsProgressToTheEnd() throws {
    var trainer = BytePairTrainer(vocabularySize: 500)
    trainer.add(try Reference.bytes("corpus.txt"))
    var reports: [TrainingProgress] = []
    _ = try trainer.train { reports.append($0) }
    #expect(reports.map(\.merges) == [64, 128, 192, 243])
    #expect(reports.allSatisfy { $0.totalMerges == 243 })
  }

  @Test(arguments: [-1, 0, 256, 1 << 24 + 1])
  func refusesImpossibleVocabularies(_ size: Int) {
    var trainer = BytePairTrainer(vocabularySize: size)
    trainer.add(Array("text".utf8))
    #expect(throws: TokenizerError.vocabularySize(found: size, allowed: 257...1 << 24)) {
      try trainer.train()
    }
  }

  @Test func refusesNoText() {
    var trainer = BytePairTrainer()
    trainer.add([])
    #expect(throws: TokenizerError.noText) { try trainer.train() }
  }

  @Test func trainsOnBytesThatAreNoText() throws {
    var random = TestRandom(seed: 8)
    let bytes = random.bytes(20000)
    var trainer = BytePairTrainer(vocabularySize: 300)
    trainer.add(bytes)
    let tokenizer = try trainer.train()
    #expect(try tokenizer.decode(tokenizer.encode(bytes)) == bytes)
  }
}
