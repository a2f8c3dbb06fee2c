internal import CRows
public import RefluxMemory

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
