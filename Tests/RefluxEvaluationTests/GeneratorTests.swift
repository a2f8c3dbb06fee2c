import RefluxEvaluation
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import TestSupport
import Testing

struct GeneratorTests {
  private let decoder: any LanguageModel

  init() throws {
    decoder = try ModelFolder.load(
      StoredRun.folder + "/grouped", window: 32, workers: Workers(count: 1))
  }

  /// The most likely next id by a forward pass over the whole text.
  private func next(_ text: [UInt32]) -> UInt32 {
    let pass = decoder.makeForwardPass(windows: 1, window: text.count)
    let arena = Arena()
    return withExtendedLifetime((pass, arena)) {
      pass.run(text.span)
      let logits: Matrix<Float> = arena.takeMatrix(1, 67)
      pass.logits(text.count - 1..<text.count, into: logits, worker: 0)
      let row = (0..<67).map { logits.elements[$0] }
      return UInt32(row.firstIndex(of: row.max()!)!)
    }
  }

  private func generate(
    _ prompt: [UInt32], count: Int, temperature: Double = 0, topK: Int = 0, seed: UInt64 = 0,
    positions: Int = 32, ends: Set<UInt32> = []
  ) -> [UInt32] {
    Generator(
      decoder, positions: positions, rule: DrawingRule(temperature: temperature, topK: topK),
      seed: seed
    ).generate(prompt, count: count, ends: ends)
  }

  @Test func greedyTextIsTheArgMaxOfEveryPrefix() {
    var text: [UInt32] = [5, 9, 1]
    let answer = generate(text, count: 20)
    #expect(answer.count == 20)
    for id in answer {
      #expect(id == next(text))
      text.append(id)
    }
    #expect(generate([5, 9, 1], count: 20, temperature: 1, topK: 1) == answer)
  }

  @Test func seedsDecideTheDraws() {
    let answers = (0..<4).map { generate([3], count: 25, temperature: 1, seed: $0) }
    #expect(Set(answers).count == 4)
    #expect(generate([3], count: 25, temperature: 1, seed: 2) == answers[2])
    #expect(answers.allSatisfy { $0.allSatisfy { $0 < 67 } })
  }

  @Test func endStopsTheText() {
    let whole = generate([3], count: 20)
    let end = whole[7]
    let place = whole.firstIndex(of: end)!
    #expect(generate([3], count: 20, ends: [end]) == Array(whole[..<place]))
    var seen: [UInt32] = []
    let stopped = Generator(
      decoder, positions: 32, rule: DrawingRule(temperature: 0)
    ).generate(
      [3], count: 20
    ) {
      seen.append($0)
      return seen.count < 4
    }
    #expect(stopped == Array(whole[..<4]) && seen == stopped)
  }

  @Test func longPromptsLeaveRoomForTheAnswer() {
    let prompt = (0..<50).map { UInt32($0) }
    #expect(generate(prompt, count: 10) == generate(Array(prompt.suffix(22)), count: 10))
    #expect(generate(prompt, count: 10).count == 10)
    #expect(generate(prompt, count: 0).isEmpty)
  }

  /// Ids beyond the tokenizer's are not drawn, however likely.
  @Test(arguments: [0.0, 1, 5])
  func paddingIsNeverDrawn(temperature: Double) throws {
    let rule = DrawingRule(temperature: temperature)
    let free = Generator(decoder, positions: 32, rule: rule).generate([3], count: 25)
    let bound = Int(try #require(free.max()))
    let draft = try ModelFolder.load(
      StoredRun.folder + "/teacher", window: 32, workers: decoder.workers)
    for draft in [nil, draft] {
      let generator = Generator(
        decoder, positions: 32, vocabulary: bound, rule: rule, draft: draft)
      let text = generator.generate([3], count: 25)
      #expect(text.count == 25 && text.allSatisfy { $0 < bound })
    }
  }

  // MARK: A draft

  /// The stored one-layer model drafts for the two-layer one.
  private func speculating(
    _ temperature: Double, seed: UInt64 = 0, length: Int = 4, topK: Int = 0,
    draft path: String = "teacher"
  ) throws -> Generator {
    let draft = try ModelFolder.load(
      StoredRun.folder + "/" + path, window: 32, workers: decoder.workers)
    return Generator(
      decoder, positions: 32, rule: DrawingRule(temperature: temperature, topK: topK), seed: seed,
      draft: draft, draftLength: length)
  }

  @Test(arguments: [1, 2, 4, 9, 40])
  func greedyTextIsTheModelsWithAnyDraft(length: Int) throws {
    for count in [1, 2, 5, 29] {
      let plain = generate([5, 9, 1], count: count)
      let generator = try speculating(0, length: length)
      #expect(generator.generate([5, 9, 1], count: count) == plain)
      // A second text starts afresh.
      #expect(generator.generate([5, 9, 1], count: count) == plain)
    }
    // As far as the positions go, and one id beyond, which need not be read.
    let long = try speculating(0, length: length).generate([5, 9, 1], count: 100)
    #expect(long == generate([5, 9, 1], count: 100))
  }

  @Test func aDraftLikeTheModelIsAlwaysTaken() throws {
    for temperature in [0.0, 1] {
      let generator = try speculating(temperature, draft: "grouped")
      let text = generator.generate([5, 9, 1], count: 21)
      #expect(text.count == 21)
      #expect(generator.judgedCount >= 16)
      // Rounding may tell the two apart once in a long while.
      #expect(generator.acceptedCount >= generator.judgedCount - 1)
    }
  }

  /// First and second ids of texts with a draft are distributed as the model's own.
  @Test func speculationKeepsTheDistribution() throws {
    func distribution(_ text: [UInt32]) -> [Double] {
      let pass = decoder.makeForwardPass(windows: 1, window: text.count)
      let arena = Arena()
      return withExtendedLifetime((pass, arena)) {
        let logits: Matrix<Float> = arena.takeMatrix(1, 67)
        pass.run(text.span)
        pass.logits(text.count - 1..<text.count, into: logits, worker: 0)
        var p = [Double](repeating: 0, count: 67)
        DrawingRule(temperature: 1, topK: 9).fill(&p, from: logits.row(0))
        return p
      }
    }
    let first = distribution([5, 9, 1])
    var second = [Double](repeating: 0, count: 67)
    for id in 0..<67 where first[id] > 0 {
      for (next, share) in distribution([5, 9, 1, UInt32(id)]).enumerated() {
        second[next] += first[id] * share
      }
    }
    let generator = try speculating(1, length: 3, topK: 9)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 67), count: 2)
    var (judged, accepted) = (0, 0)
    for seed in 0..<6000 {
      generator.seed = UInt64(seed)
      let text = generator.generate([5, 9, 1], count: 4)
      for place in 0..<2 { counts[place][Int(text[place])] += 1 }
      judged += generator.judgedCount
      accepted += generator.acceptedCount
    }
    #expect(chiSquare(counts[0], first) < limit(degrees: first.count { $0 > 0 } - 1))
    // Rare ids together: too few are expected of each.
    let common = second.indices.filter { second[$0] > 0.002 }
    let rare = second.indices.filter { second[$0] <= 0.002 }
    let pooled = common.map { counts[1][$0] } + [rare.reduce(0) { $0 + counts[1][$1] }]
    let shares = common.map { second[$0] } + [rare.reduce(0) { $0 + second[$1] }]
    #expect(chiSquare(pooled, shares) < limit(degrees: common.count))
    // The draft was judged, taken and replaced, each often.
    #expect(judged > 6000 && accepted > 600 && judged - accepted > 600)
  }

  @Test func endAndCallerStopADraftedText() throws {
    let whole = generate([3], count: 20)
    let end = whole[7]
    let place = try #require(whole.firstIndex(of: end))
    let generator = try speculating(0)
    #expect(generator.generate([3], count: 20, ends: [end]) == Array(whole[..<place]))
    var seen: [UInt32] = []
    let stopped = generator.generate([3], count: 20) {
      seen.append($0)
      return seen.count < 4
    }
    #expect(stopped == Array(whole[..<4]) && seen == stopped)
  }
}
