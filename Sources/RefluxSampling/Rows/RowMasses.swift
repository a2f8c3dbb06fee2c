internal import CRows
public import RefluxMemory

/// A row of logits as a distribution to draw from: sums of its masses, which are never stored.
///
/// The mass of id j is e^(scale (x_j - maximum)). One pass adds them up by strips of 64 ids and
/// blocks of 1,024; finding the id under a point of the distribution function is then a walk down
/// the sums, and only the strip that holds the point has its masses made again.
///
/// Error of a mass, relative: (2 + 3 |scale (x_j - maximum)|) 2^-24. Sums of a strip and of a block
/// are float32, across blocks float64; below the block every id has its share of its own strip's
/// sum, in float64: so the error of the probability that an id is drawn with is relative to that,
/// some 1e-6 of it, however small it is beside its neighbours, down to 2^-49 of its strip.
@safe
public struct RowMasses: Sendable {
  /// What the passes run on.
  public let instructionSet: InstructionSet
  /// The ids that the last ``draw(_:from:minus:scale:total:)`` or ``largest(_:of:maximum:)`` found,
  /// ascending.
  public let ids: View<UInt32>
  /// How many points fell on each of `ids` in the last draw.
  public let counts: View<UInt32>
  /// The logits of `ids` that the last ``largest(_:of:maximum:)`` found.
  public let logits: View<Float>
  let ends: View<Double>
  let strips: View<Float>
  let parts: View<Float>
  let keys: View<Int32>
  let drawing: DrawingMemory

  /// Takes 13 bytes of `arena` per id, of which draws touch one, and up to 700 per point.
  ///
  /// - Parameters:
  ///   - vocabularySize: the most logits of a row.
  ///   - points: the most points of a draw.
  ///   - instructionSet: what to run on; the best one unless two are to be compared.
  public init(
    vocabularySize: Int, points: Int, arena: Arena, instructionSet: InstructionSet = .best
  ) {
    self.instructionSet = instructionSet
    let blocks = (vocabularySize + Int(CROWS_BLOCK) - 1) / Int(CROWS_BLOCK)
    ends = arena.take(blocks + 16)
    strips = arena.take(blocks * DrawingMemory.stripsPerBlock * 16)
    parts = arena.take(64)
    ids = arena.take(vocabularySize + 16)
    counts = arena.take(min(points, vocabularySize))
    logits = arena.take(vocabularySize + 16)
    keys = arena.take(max(vocabularySize, 64) + 16)
    drawing = DrawingMemory(blocks: blocks, points: points, arena: arena)
  }

  /// The largest logit, NaNs passed over; prepares ``largest(_:of:maximum:)``.
  public func maximum(of row: View<Float>) -> Float {
    unsafe instructionSet.table.pointee.maxima!(row.base, row.count, parts.base)
  }

  /// Adds up the masses of a row.
  ///
  /// - Returns: the sum of all; NaN where a logit is NaN.
  public func fill(_ row: View<Float>, minus maximum: Float, scale: Double = 1) -> Double {
    unsafe instructionSet.table.pointee.masses!(
      row.base, row.count, maximum, Self.multiplier(scale), ends.base, strips.base)
  }

  static func multiplier(_ scale: Double) -> Float { Float(1.442_695_040_888_963_4 * scale) }
}

extension RowMasses {
  /// Finds the ids under points of the distribution function of the row of the last
  /// ``fill(_:minus:scale:)``, with the arguments and the result of that.
  ///
  /// The id of a fraction is the first one whose cumulative mass reaches that share of the total,
  /// among those that have any mass.
  ///
  /// - Complexity: some fifty cycles per point and a hundred per strip of 64 ids that holds one.
  /// - Parameter fractions: in (0, 1], in any order; overwritten.
  /// - Returns: how many distinct ids there are; they and their counts are in ``ids`` and
  ///   ``counts``.
  public func draw(
    _ fractions: View<Double>, from row: View<Float>, minus maximum: Float, scale: Double,
    total: Double
  ) -> Int {
    precondition(fractions.count <= drawing.places.count, "more points than room")
    var source = unsafe crows_row(
      logits: row.base, count: row.count, maximum: maximum, multiplier: Self.multiplier(scale),
      ends: ends.base, strips: strips.base, total: total)
    var memory = unsafe drawing.pointers
    return unsafe instructionSet.table.pointee.draw!(
      &source, fractions.base, fractions.count, &memory, ids.base, counts.base)
  }

  /// Finds the `rank` largest logits of the row of the last ``maximum(of:)``, none of which is NaN;
  /// of equal ones the lower ids. They are in ``ids``, ascending, and ``logits``.
  ///
  /// - Complexity: one reading of the row, and of the candidates, which are some twice `rank` up to
  ///   a rank of 64 and the whole row above, about twenty more.
  /// - Parameter rank: 1...row.count.
  public func largest(_ rank: Int, of row: View<Float>, maximum: Float) {
    precondition((1...row.count).contains(rank), "a rank beyond the row")
    let found = unsafe instructionSet.table.pointee.top!(
      row.base, row.count, rank, maximum, parts.base, keys.base, logits.base, ids.base)
    precondition(found == rank, "logits that are no numbers")
  }
}
