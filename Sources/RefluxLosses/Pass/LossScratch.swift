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
  /// Room for the logits of a set as it was given.
  let watched: View<Float>
  /// Room for a set that differs from the one that was given, and for what an objective makes of
  /// it.
  let ids: View<UInt32>
  let weights: View<Float>
  let slopes: View<Float>
  let ranks: View<UInt32>
  let masses: View<Double>
  private let selection: Selection?
  /// Factors of the blocks of up to three addends of a gradient.
  let factors: InlineArray<3, View<Float>>
  /// What the next pass asks memory for meanwhile, and its ids.
  let ahead: View<crows_ahead>
  private let idsAhead: View<UInt32>

  /// Takes 28 bytes of `arena` per 1,024 logits of a row and 40 per logit, of which only what the
  /// sets of a run need is ever touched.
  ///
  /// - Parameters:
  ///   - vocabularySize: the most logits of a row, and the most ids of a set.
  ///   - instructionSet: what to run on; the best one unless two are to be compared.
  ///   - selects: whether ``largest(_:of:)`` will be asked for, which takes 16 bytes per logit
  ///     more.
  public init(
    vocabularySize: Int, arena: Arena, instructionSet: InstructionSet = .best,
    selects: Bool = false
  ) {
    self.instructionSet = instructionSet
    selection = selects ? Selection(vocabularySize, arena) : nil
    blocks = arena.take(RowSoftmax.blocks(vocabularySize))
    logits = arena.take(vocabularySize)
    gradients = arena.take(vocabularySize)
    watched = arena.take(vocabularySize)
    ids = arena.take(vocabularySize + 1)
    weights = arena.take(vocabularySize + 1)
    slopes = arena.take(vocabularySize + 1)
    ranks = arena.take(vocabularySize + 1)
    masses = arena.take(vocabularySize + 1)
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

  /// The places of a set by descending weight, of equal ones the lower id first: at the first
  /// `ids.count` places of ``ranks``, which rank each place has.
  ///
  /// - Complexity: O(k^2) comparisons, sixteen at once.
  func rank(_ set: SampleSet) {
    unsafe instructionSet.table.pointee.ranks!(
      set.weights.base, set.ids.base, set.ids.count, ranks.base)
  }

  /// w_i <- factor w_i^exponent; 0 stays 0.
  func raise(_ weights: View<Float>, to exponent: Float, times factor: Float) {
    unsafe instructionSet.table.pointee.raise!(weights.base, weights.count, exponent, factor)
  }

  /// The `count` largest logits of a row with their ids, which ascend; of equal ones the first.
  func largest<Element: Scalar>(
    _ count: Int, of row: View<Element>
  ) -> (ids: View<UInt32>, logits: View<Float>) {
    guard let selection else { preconditionFailure("a scratch that selects") }
    return selection.largest(count, of: row, instructionSet)
  }
}

/// Room to select the largest logits of a row.
private struct Selection {
  private let parts: View<Float>
  private let keys: View<Int32>
  private let logits: View<Float>
  private let ids: View<UInt32>
  private let row: View<Float>

  init(_ size: Int, _ arena: Arena) {
    parts = arena.take(64)
    keys = arena.take(max(size, 64) + 16)
    (logits, ids, row) = (arena.take(size + 16), arena.take(size + 16), arena.take(size))
  }

  func largest<Element: Scalar>(
    _ count: Int, of given: View<Element>, _ set: InstructionSet
  ) -> (ids: View<UInt32>, logits: View<Float>) {
    let isFloat = Element.self == Float.self
    let x = isFloat ? given.settled(as: Float.self) : row.slice(0, given.count)
    if !isFloat { widen(given.settled(as: BFloat16.self), into: x) }
    let table = unsafe set.table.pointee
    let maximum = unsafe table.maxima!(x.base, x.count, parts.base)
    let found = unsafe table.top!(
      x.base, x.count, count, maximum, parts.base, keys.base, logits.base, ids.base)
    return (ids.slice(0, found), logits.slice(0, found))
  }
}
