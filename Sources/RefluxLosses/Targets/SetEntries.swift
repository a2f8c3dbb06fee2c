internal import CRows
internal import RefluxMemory

/// The ids of a row that have a gradient of their own, with their targets t and the logits that the
/// passes overwrite.
struct SetEntries {
  let ids: View<UInt32>
  /// t of each id, without `uniform`.
  let weights: View<Float>
  /// Mass that every id of the vocabulary has besides.
  let uniform: Double
  /// z of each id, taken on creation.
  let logits: View<Float>
  /// Logits of the row, of which all ids are.
  private let size: Int
  private let sums: crows_set_sums
  private let scratch: LossScratch

  /// No ids.
  init(scratch: LossScratch) {
    self.scratch = scratch
    (ids, weights) = (scratch.ids.slice(0, 0), scratch.weights.slice(0, 0))
    (logits, uniform, sums) = (scratch.logits.slice(0, 0), 0, crows_set_sums())
    size = 0
  }

  init<Element: Scalar>(
    _ set: SampleSet, uniform: Double = 0, row: View<Element>, scratch: LossScratch
  ) {
    precondition(set.ids.areBelow(row.count), "an id is not below the vocabulary size")
    precondition(set.ids.count <= scratch.logits.count)
    (ids, weights, self.uniform, self.scratch) = (set.ids, set.weights, uniform, scratch)
    size = row.count
    logits = scratch.logits.slice(0, set.ids.count)
    let table = unsafe scratch.instructionSet.table.pointee
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      sums = unsafe table.set_sums_bfloat16!(
        x, ids.base, weights.base, ids.count, Float(uniform), logits.base)
    } else {
      let x = unsafe UnsafeRawPointer(row.base).assumingMemoryBound(to: Float.self)
      sums = unsafe table.set_sums!(
        x, ids.base, weights.base, ids.count, Float(uniform), logits.base)
    }
  }

  var count: Int { ids.count }
  /// sum t over the ids.
  var mass: Double { sums.mass }

  /// The sum of the masses on all ids of a vocabulary.
  func total(_ vocabularySize: Int) -> Double { mass + uniform * Double(vocabularySize) }

  /// sum_j t_j (log t_j - z_j / T), where `sum` is that of all z; ids with t of 0 count nothing.
  func terms(temperature: Double, sum: Double = 0, vocabularySize: Int = 0) -> Double {
    let terms = sums.entropy - sums.cross / temperature
    if uniform == 0 { return terms }
    let others = Double(vocabularySize - count) * uniform * log(uniform)
    return terms + others - uniform * sum / temperature
  }

  /// sum t z over the ids.
  var cross: Double { sums.cross }
  /// sum t log t over the ids.
  var entropy: Double { sums.entropy }

  /// Sets the row's logits of the ids to -infinity.
  func mask<Element: Scalar>(_ row: View<Element>) {
    scratch.gradients.slice(0, count).fill(-.infinity)
    write(to: row)
  }

  /// Puts the row's logits back.
  func unmask(_ row: View<Float>) {
    for place in 0..<count { row[Int(ids[place])] = logits[place] }
  }

  /// The softmax of a row that was masked before its pass, with these ids back in.
  func joined(to others: RowSoftmax) -> RowSoftmax {
    others.joined(with: logits, scratch: scratch)
  }

  /// Prepares `slope` q_i + `offset` - `scale` y_i for each id in the scratch's gradients.
  ///
  /// - Returns: the student's mass on the ids, sum q_i.
  @discardableResult
  func gradient(
    _ softmax: RowSoftmax, _ y: View<Float>, slope: Double, offset: Float = 0, scale: Float
  ) -> Double {
    softmax.gradient(
      logits, y, slope: slope, offset: offset, scale: scale, into: scratch.gradients,
      scratch.instructionSet)
  }

  /// Writes what `gradient` prepared.
  func write<Element: Scalar>(to row: View<Element>) {
    precondition(row.count >= size, "a row shorter than the one of the ids")
    let (table, g) = unsafe (scratch.instructionSet.table.pointee, scratch.gradients.base)
    if Element.self == BFloat16.self {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: UInt16.self)
      unsafe table.scatter_bfloat16!(x, ids.base, count, g)
    } else {
      let x = unsafe UnsafeMutableRawPointer(row.base).assumingMemoryBound(to: Float.self)
      unsafe table.scatter!(x, ids.base, count, g)
    }
  }
}
