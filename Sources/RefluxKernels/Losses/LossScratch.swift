internal import CRows

/// What the losses need beside a row, one per worker: memory and the instruction set.
public struct LossScratch: Sendable {
  /// What the passes over rows run on.
  public let instructionSet: InstructionSet
  let blocks: View<crows_block>
  /// Room for the logits and the gradients at a set's ids.
  let logits: View<Float>
  let gradients: View<Float>
  /// Factors of the blocks of up to three addends of a gradient.
  let factors: [View<Float>]

  /// Takes 28 bytes of `arena` per 1,024 logits of a row and 8 per logit, of which only what the
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
    factors = (0..<3).map { _ in arena.take(RowSoftmax.blocks(vocabularySize)) }
  }

  /// x_j <- limit tanh(x_j / limit).
  func cap(_ row: View<Float>, _ limit: Float) {
    unsafe instructionSet.table.pointee.cap!(row.base, row.count, limit)
  }
}
