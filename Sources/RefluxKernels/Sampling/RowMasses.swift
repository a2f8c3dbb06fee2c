internal import CRows

/// A row of logits as a distribution to draw from: sums of its masses, which are never stored.
///
/// The mass of id j is e^(scale (x_j - maximum)). One pass adds them up by strips of 64 ids and
/// blocks of 1,024; finding the id under a point of the distribution function is then a walk over
/// the sums, and only the strip that holds the point has its masses made again.
///
/// Error of a mass, relative: (2 + 3 |scale (x_j - maximum)|) 2^-24; of sums: float32 within a
/// block, float64 across blocks.
@safe
public struct RowMasses: Sendable {
  /// What the passes run on.
  public let instructionSet: InstructionSet
  private let blocks: View<Double>
  private let strips: View<Float>
  private let parts: View<Float>

  /// Takes 8 bytes of `arena` per 8 ids.
  public init(vocabularySize: Int, arena: Arena, instructionSet: InstructionSet = .best) {
    self.instructionSet = instructionSet
    blocks = arena.take(RowSoftmax.blocks(vocabularySize))
    strips = arena.take(
      RowSoftmax.blocks(vocabularySize) * (RowSoftmax.block / Int(CROWS_STRIP)) * 16)
    parts = arena.take(64)
  }

  /// The largest logit, NaNs passed over; prepares ``lowerBound(ofRank:)``.
  public func maximum(of row: View<Float>) -> Float {
    unsafe instructionSet.table.pointee.maxima!(row.base, row.count, parts.base)
  }

  /// A number that the `rank` largest logits of the last ``maximum(of:)`` all reach; -infinity when
  /// `rank` exceeds 64.
  public func lowerBound(ofRank rank: Int) -> Float {
    if rank > 64 { return -.infinity }
    var values = parts.withSpan { span in span.indices.map { span[$0] } }
    values.sort(by: >)
    return values[rank - 1]
  }

  /// Adds up the masses of a row.
  ///
  /// - Returns: the sum of all; NaN where a logit is NaN.
  public func fill(_ row: View<Float>, minus maximum: Float, scale: Double = 1) -> Double {
    unsafe instructionSet.table.pointee.masses!(
      row.base, row.count, maximum, Self.multiplier(scale), blocks.base, strips.base)
  }

  /// The ids under points of the distribution function of the row of the last
  /// ``fill(_:minus:scale:)``, with the arguments and the result of that.
  ///
  /// - Parameters:
  ///   - fractions: ascending, in (0, 1].
  ///   - ids: receives the first id whose cumulative mass reaches each fraction of the total, among
  ///     those that have any mass; ascending.
  /// - Returns: how many have their id; rounding may put the last ones behind the row.
  public func draw(
    _ fractions: Span<Double>, from row: View<Float>, minus maximum: Float, scale: Double,
    total: Double, into ids: View<UInt32>
  ) -> Int {
    precondition(ids.count >= fractions.count)
    return unsafe fractions.withUnsafeBufferPointer { fractions in
      unsafe instructionSet.table.pointee.draw!(
        row.base, row.count, maximum, Self.multiplier(scale), blocks.base, strips.base,
        fractions.baseAddress, fractions.count, total, ids.base)
    }
  }

  /// The start of the first 64 ids from `start` on, a multiple of 64, of which one may exceed
  /// `threshold`; the row's size if there is none.
  public func nextAbove(_ threshold: Float, in row: View<Float>, from start: Int) -> Int {
    unsafe instructionSet.table.pointee.next_above!(row.base, start, row.count, threshold)
  }

  /// Whether an id of this logit has any mass to be drawn by.
  public static func hasMass(_ logit: Float, minus maximum: Float, scale: Double) -> Bool {
    (logit - maximum) * multiplier(scale) > -125
  }

  static func multiplier(_ scale: Double) -> Float { Float(1.442_695_040_888_963_4 * scale) }
}
