import RefluxKernels
import RefluxModel
import RefluxTraining
import TestSupport
import Testing

struct GeneratorTests {
  private let decoder: Decoder<Float>

  init() throws {
    decoder = try ModelFolder.load(
      StoredRun.folder + "/grouped", window: 32, workers: Workers(count: 1))
  }

  /// The most likely next id by a forward pass over the whole text.
  private func next(_ text: [UInt32]) -> UInt32 {
    let pass = InferencePass(decoder, windows: 1, window: text.count)
    let arena = Arena()
    return withExtendedLifetime((pass, arena)) {
      let hidden = pass.hidden(text.span)
      let logits: Matrix<Float> = arena.takeMatrix(1, 67)
      decoder.logits(hidden.rows(text.count - 1, 1), into: logits, worker: 0)
      let row = (0..<67).map { logits.elements[$0] }
      return UInt32(row.firstIndex(of: row.max()!)!)
    }
  }

  private func generate(
    _ prompt: [UInt32], count: Int, temperature: Double = 0, topK: Int = 0, seed: UInt64 = 0,
    positions: Int = 32, end: UInt32? = nil
  ) -> [UInt32] {
    Generator(
      decoder, positions: positions, temperature: temperature, topK: topK, seed: seed
    ).generate(prompt, count: count, end: end)
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
    #expect(generate([3], count: 20, end: end) == Array(whole[..<place]))
    var seen: [UInt32] = []
    let stopped = Generator(decoder, positions: 32, temperature: 0).generate(
      [3], count: 20, end: nil
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
}
