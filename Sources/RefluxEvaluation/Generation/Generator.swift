internal import RefluxKernels
public import RefluxMemory
public import RefluxModel
internal import RefluxRandom

/// Draws text from a model, with keys and values kept; a smaller model may draft it.
///
/// With a draft each round lets it propose some ids, one by one, which the model then reads at
/// once and takes or replaces by ``SpeculativeSampling``: the text has the distribution of the
/// model alone, and with temperature 0 is its text, but for ties within rounding.
public final class Generator {
  private let reader: CachedReader
  private let draft: CachedReader?
  private let vocabularySize: Int
  /// How ids are drawn, by the model and by the draft.
  public var rule: DrawingRule
  /// Decides the draws.
  public var seed: UInt64
  /// Ids that the draft proposes in a round.
  public let draftLength: Int
  /// Proposals of the draft that the model has judged since the start of the last text; those
  /// after a replaced one are not judged.
  public private(set) var judgedCount = 0
  /// The judged ones that it took.
  public private(set) var acceptedCount = 0

  /// - Parameters:
  ///   - positions: the most tokens of prompt and answer together.
  ///   - vocabulary: only ids below it are drawn, where the model has more, as padding.
  ///   - draft: a model of the same vocabulary, however padded, with as many positions.
  ///   - draftLength: at least 1.
  public init(
    _ model: any LanguageModel, positions: Int, vocabulary: Int = .max,
    rule: DrawingRule = DrawingRule(),
    seed: UInt64 = 0, draft: (any LanguageModel)? = nil, draftLength: Int = 4
  ) {
    let size = model.configuration.vocabularySize
    precondition(draftLength >= 1)
    vocabularySize = min(vocabulary, size, draft?.configuration.vocabularySize ?? size)
    self.rule = rule
    self.seed = seed
    self.draftLength = draftLength
    reader = CachedReader(
      model, positions: positions, rows: draft == nil ? 1 : draftLength + 1)
    self.draft = draft.map { CachedReader($0, positions: positions, rows: 1) }
  }

  /// The most ids of a prompt that are read before `count` ids are drawn: all that the answer
  /// leaves room for, and at least half of the positions.
  public func promptRoom(count: Int) -> Int {
    max(reader.limit - count, (reader.limit + 1) / 2)
  }

  /// Up to `count` ids that follow `prompt`, fewer where the positions are full.
  ///
  /// - Parameters:
  ///   - prompt: at least one id; only its last ``promptRoom(count:)`` ids are read.
  ///   - ends: each of these ids ends the text; it is not returned.
  ///   - onToken: called with each id; false ends the text.
  public func generate(
    _ prompt: [UInt32], count: Int, ends: Set<UInt32> = [],
    onToken: (UInt32) -> Bool = { _ in true }
  ) -> [UInt32] {
    precondition(!prompt.isEmpty)
    var text = Array(prompt.suffix(promptRoom(count: count)))
    var (random, answer) = (RandomStream(seed: seed, stream: 0), [UInt32]())
    (judgedCount, acceptedCount) = (0, 0)
    reader.keep(0)
    draft?.keep(0)
    while answer.count < count && text.count <= reader.limit {
      // The last id that fits need not be read, and is not drafted.
      let room = min(reader.limit - text.count, count - answer.count - 1)
      let length = draft == nil ? 0 : min(draftLength, room)
      for id in round(text, drafting: length, &random) {
        if ends.contains(id) { return answer }
        answer.append(id)
        text.append(id)
        if !onToken(id) { return answer }
      }
    }
    return answer
  }

  /// The next ids of a text: the proposals that were taken and one of the model's own.
  private func round(
    _ text: [UInt32], drafting length: Int, _ random: inout RandomStream
  ) -> [UInt32] {
    let (proposals, q) = propose(length, after: text, &random)
    let logits = reader.read(text + proposals, last: length + 1)
    var (p, taken) = ([Double](repeating: 0, count: vocabularySize), [UInt32]())
    for (index, proposal) in proposals.enumerated() {
      fill(&p, from: logits.row(index))
      let judged = SpeculativeSampling.judge(Int(proposal), p, q[index], &random)
      judgedCount += 1
      taken.append(UInt32(judged.id))
      if !judged.isAccepted {
        // The replaced id and those after it were read in vain.
        reader.keep(text.count + index)
        draft?.keep(text.count + index)
        return taken
      }
      acceptedCount += 1
    }
    fill(&p, from: logits.row(length))
    return taken + [UInt32(DrawingRule.draw(p, &random))]
  }

  private func fill(_ p: inout [Double], from logits: View<Float>) {
    rule.fill(&p, from: logits.slice(0, vocabularySize))
  }

  /// The draft's next ids and the distributions they were drawn from.
  private func propose(
    _ length: Int, after text: [UInt32], _ random: inout RandomStream
  ) -> (ids: [UInt32], q: [[Double]]) {
    guard let draft else { return ([], []) }
    var (ids, distributions) = ([UInt32](), [[Double]]())
    for _ in 0..<length {
      var q = [Double](repeating: 0, count: vocabularySize)
      let logits = draft.read(text + ids, last: 1)
      fill(&q, from: logits.row(0))
      ids.append(UInt32(DrawingRule.draw(q, &random)))
      distributions.append(q)
    }
    return (ids, distributions)
  }
}

extension Generator {
  /// What drawing a text takes, the models included, before any of it is taken.
  ///
  /// - Parameters:
  ///   - model, draft: the sizes of the models.
  ///   - positions: the most tokens of prompt and answer together.
  ///   - precision: that of both models.
  ///   - workers: the team that is going to run it.
  /// - Throws: where the sizes are impossible or have fewer positions.
  public static func memory(
    of model: DecoderConfiguration, draft: DecoderConfiguration? = nil, positions: Int,
    draftLength: Int = 4, precision: Precision, workers: Workers
  ) throws(ModelError) -> MemoryNeed {
    func measured(
      _ sizes: DecoderConfiguration
    ) throws(ModelError) -> (need: MemoryNeed, model: any LanguageModel) {
      try sizes.measureModel(window: positions, precision: precision, workers: workers)
    }
    let first = try measured(model)
    let second = try draft.map(measured)
    return first.need + (second?.need ?? MemoryNeed())
      + Arena.measure {
        _ = Generator(
          first.model, positions: positions, draft: second?.model, draftLength: draftLength)
      }
  }
}
