internal import CRows
internal import Foundation

/// The ids of a sparse target with what a loss keeps of them while the row is overwritten: their
/// logits, taken on creation.
struct SparseSet {
  let ids: View<UInt32>
  let weights: View<Float>
  private let logits: View<Float>
  private let gradients: View<Float>
  private let table: InstructionSet

  init<Element: Scalar>(
    ids: View<UInt32>, weights: View<Float>, row: View<Element>, scratch: LossScratch
  ) {
    precondition(weights.count == ids.count && ids.count <= scratch.logits.count)
    self.ids = ids
    self.weights = weights
    logits = scratch.logits.slice(0, ids.count)
    gradients = scratch.gradients.slice(0, ids.count)
    table = scratch.instructionSet
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      unsafe table.table.pointee.gather_bfloat16!(x, ids.base, ids.count, logits.base)
    } else {
      let x = unsafe UnsafeRawPointer(row.base).assumingMemoryBound(to: Float.self)
      unsafe table.table.pointee.gather!(x, ids.base, ids.count, logits.base)
    }
  }

  /// sum w and sum w (log w - x), in float64; w of 0 counts nothing.
  func terms() -> (mass: Double, inner: Double) {
    var (mass, inner) = (0.0, 0.0)
    unsafe table.table.pointee.set_terms!(weights.base, logits.base, ids.count, &mass, &inner)
    return (mass, inner)
  }

  /// Sets the row's logits of the ids to -infinity.
  func mask<Element: Scalar>(_ row: View<Element>) {
    gradients.fill(-.infinity)
    write(to: row)
  }

  /// The softmax of a row that was masked before its pass, with these ids back in.
  func joined(to others: RowSoftmax) -> RowSoftmax {
    var highest = -Float.infinity
    for index in 0..<logits.count { highest = max(highest, logits[index]) }
    var all = others
    let exponent = Double(others.multiplier) * Double(highest)
    all.sums.high = max(others.sums.high, exponent)
    all.sums.maximum = max(others.maximum, highest)
    all.sums.total = 1
    all.sums.total =
      gradient(all, slope: 0, scale: 0) + others.sums.total * exp2(others.sums.high - all.sums.high)
    all.sums.log2_sum = all.sums.high + log2(all.sums.total)
    return all
  }

  /// Prepares `slope` p_i + `offset` - `scale` w_i for each id.
  ///
  /// - Returns: the student's mass on the ids, sum p_i.
  func gradient(
    _ softmax: RowSoftmax, slope: Double, offset: Float = 0, scale: Float
  ) -> Double {
    unsafe table.table.pointee.set_gradient!(
      logits.base, weights.base, ids.count, softmax.multiplier, softmax.sums.high,
      softmax.sums.total,
      slope, offset, scale, gradients.base)
  }

  /// Writes what `gradient` prepared.
  func write<Element: Scalar>(to row: View<Element>) {
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      unsafe table.table.pointee.scatter_bfloat16!(x, ids.base, ids.count, gradients.base)
    } else {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: Float.self)
      unsafe table.table.pointee.scatter!(x, ids.base, ids.count, gradients.base)
    }
  }
}
