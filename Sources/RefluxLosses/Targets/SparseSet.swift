internal import CRows
internal import RefluxMemory

/// The ids of a sparse target with what a loss keeps of them while the row is overwritten: their
/// logits, taken on creation.
struct SparseSet {
  let ids: View<UInt32>
  let weights: View<Float>
  /// Over the set's weights and logits.
  let sums: crows_set_sums
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
    sums = Self.sums(row, ids, weights, logits: logits, table)
  }

  /// The sums over a set with targets w + `uniform`; `logits` takes the row's at the ids, which
  /// must be of the row.
  static func sums<Element: Scalar>(
    _ row: View<Element>, _ ids: View<UInt32>, _ weights: View<Float>, uniform: Float = 0,
    logits: View<Float>, _ set: InstructionSet
  ) -> crows_set_sums {
    precondition(ids.areBelow(row.count), "an id is not below the vocabulary size")
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      return unsafe set.table.pointee.set_sums_bfloat16!(
        x, ids.base, weights.base, ids.count, uniform, logits.base)
    }
    let x = unsafe UnsafeRawPointer(row.base).assumingMemoryBound(to: Float.self)
    return unsafe set.table.pointee.set_sums!(
      x, ids.base, weights.base, ids.count, uniform, logits.base)
  }

  /// sum w and sum w (log w - x), in float64; w of 0 counts nothing.
  var terms: (mass: Double, inner: Double) { (sums.mass, sums.entropy - sums.cross) }

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
    softmax.gradient(
      logits, weights, slope: slope, offset: offset, scale: scale, into: gradients, table)
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
