internal import CRows
public import RefluxMemory

extension SoftmaxStatistics {
  /// log sum_j e^(scale (x_j - maximum)), in one pass.
  ///
  /// Error of the sum: that of float32 exponentials, (2 + 3 scale |x_j - maximum|) 2^-24 of each,
  /// some 1e-6 of the whole; float64 across blocks.
  ///
  /// - Parameters:
  ///   - row: the row that these are the statistics of.
  ///   - scale: above 0.
  public func logMass(_ row: View<Float>, scale: Double) -> Double {
    let multiplier = Float(1.442_695_040_888_963_4 * scale)
    let table = unsafe InstructionSet.best.table.pointee
    return log(unsafe table.mass!(row.base, row.count, maximum, multiplier))
  }
}
