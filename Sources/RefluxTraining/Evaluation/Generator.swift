internal import Foundation
public import RefluxKernels
public import RefluxModel
internal import RefluxRandom

/// Draws text from a model, one token at a time, with keys and values kept.
public final class Generator<Element: Scalar> {
  private let pass: InferencePass<Element>
  private let logits: Matrix<Float>
  private let arena = Arena()
  /// 0 takes the most likely id each time.
  public var temperature: Double
  /// Draws from this many most likely ids; 0 from all.
  public var topK: Int
  public var seed: UInt64

  /// - Parameter positions: the most tokens of prompt and answer together.
  public init(
    _ decoder: Decoder<Element>, positions: Int, temperature: Double = 0.8, topK: Int = 0,
    seed: UInt64 = 0
  ) {
    pass = InferencePass(decoder, windows: 1, window: positions)
    logits = arena.takeMatrix(1, decoder.configuration.vocabularySize)
    self.temperature = temperature
    self.topK = topK
    self.seed = seed
  }

  /// The most ids of a prompt that are read before `count` ids are drawn: all that the answer
  /// leaves room for, and at least half of the positions.
  public func promptRoom(count: Int) -> Int { max(pass.window - count, (pass.window + 1) / 2) }

  /// Up to `count` ids that follow `prompt`, fewer where the positions are full.
  ///
  /// - Parameters:
  ///   - prompt: at least one id; only its last ``promptRoom(count:)`` ids are read.
  ///   - end: the id that ends the text; it is not returned.
  ///   - onToken: called with each id; false ends the text.
  public func generate(
    _ prompt: [UInt32], count: Int, end: UInt32?, onToken: (UInt32) -> Bool = { _ in true }
  ) -> [UInt32] {
    precondition(!prompt.isEmpty)
    let kept = Array(prompt.suffix(promptRoom(count: count)))
    var random = RandomStream(seed: seed, stream: 0)
    var (answer, next, start) = ([UInt32](), kept, 0)
    while answer.count < count && start + next.count <= pass.window {
      let hidden = pass.extend(next.span, from: start)
      pass.decoder.logits(hidden.rows(next.count - 1, 1), into: logits, worker: 0)
      start += next.count
      let id = UInt32(draw(logits.row(0), &random))
      if id == end { break }
      answer.append(id)
      if !onToken(id) { break }
      next = [id]
    }
    return answer
  }

  private func draw(_ row: View<Float>, _ random: inout RandomStream) -> Int {
    let statistics = SoftmaxStatistics(row)
    if temperature <= 0 { return statistics.argMax(row) }
    let threshold = topK > 0 ? kthLargest(row, topK) : -Float.infinity
    let likelihood = { (id: Int) -> Double in
      let logit = row[id]
      return logit < threshold ? 0 : exp(Double(logit - statistics.maximum) / self.temperature)
    }
    let total = (0..<row.count).reduce(0.0) { $0 + likelihood($1) }
    var rest = random.nextUniform() * total
    for id in 0..<row.count {
      rest -= likelihood(id)
      if rest < 0 { return id }
    }
    return statistics.argMax(row)
  }

  private func kthLargest(_ row: View<Float>, _ k: Int) -> Float {
    let values = (0..<row.count).map { row[$0] }.sorted(by: >)
    return values[min(k, values.count) - 1]
  }
}
