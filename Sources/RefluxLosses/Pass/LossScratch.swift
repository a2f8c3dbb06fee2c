internal import CRows
public import RefluxMemory

/// What the losses need beside a row, one per worker: memory and the instruction set.
@safe
public struct LossScratch: Sendable {
  /// What the passes over rows run on.
  public let instructionSet: InstructionSet
  let blocks: View<crows_block>
  /// Room for the logits and the gradients at a set's ids.
  let logits: View<Float>
  let gradients: View<Float>
  /// Factors of the blocks of up to three addends of a gradient.
  let factors: InlineArray<3, View<Float>>
  /// What the next pass asks memory for meanwhile, and its ids.
  let ahead: View<crows_ahead>
  private let idsAhead: View<UInt32>

  /// Takes 28 bytes of `arena` per 1,024 logits of a row and 12 per logit, of which only what the
  /// sets of a run need is ever touched.
  ///
  /// - Parameters:
  ///   - vocabularySize: the most logits of a row, and the most ids of a set.
  ///   - instructionSet: what to run on; the best one unless two are to be compared.
  public init(vocabularySize: Int, arena: Arena, instructionSet: InstructionSet = .best) {
    self.instructionSet = instructionSet
    blocks = arena.take(RowSoftmax.blocks(vocabularySize))
    logits = arena.take(vocabularySize)
    gradients = arena.take(vocabularySize)
    factors = InlineArray { _ in arena.take(RowSoftmax.blocks(vocabularySize)) }
    unsafe ahead = unsafe arena.take(1)
    idsAhead = arena.take(vocabularySize)
  }

  /// Lets the next pass over a row, whichever it is, ask memory for these logits of another one.
  @unsafe
  func look(ahead row: UnsafeRawPointer, size: Int, at ids: View<UInt32>) {
    idsAhead.copy(from: ids)
    unsafe ahead[0] = crows_ahead(
      row: row, size: size, ids: idsAhead.base, count: ids.count, asked: 0)
  }

  /// x_j <- limit tanh(x_j / limit).
  func cap(_ row: View<Float>, _ limit: Float) {
    unsafe instructionSet.table.pointee.cap!(row.base, row.count, limit)
  }
}

/// What a row's loss finds out on its way.
public struct RowLoss: Sendable, Equatable, BitwiseCopyable {
  /// The loss in nats, times the row's weight.
  public var loss = 0.0
  /// log sum_j e^(x_j) at T = 1, after the softcap.
  public var logSumExp = 0.0
  /// The student's entropy in nats, at T = 1.
  public var entropy = 0.0
  /// The first id of the largest logit.
  public var argMax = 0
  /// The probability of ``argMax`` at T = 1.
  public var confidence = 0.0
  /// The target's mass on the set's ids.
  public var teacherMass = 0.0
  /// The student's mass on the set's ids, at T.
  public var studentMass = 0.0
}
