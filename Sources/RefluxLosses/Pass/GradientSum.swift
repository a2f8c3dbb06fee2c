internal import RefluxMemory

/// A row's gradient as a sum of what earlier passes stored elsewhere, each part times a constant.
struct GradientSum {
  private let scratch: LossScratch
  private let scale: Double
  private var addends: InlineArray<3, RowSoftmax.Addend>
  private var count = 0
  /// Added to every id.
  var offset = 0.0

  /// Room for three parts; `scale` times the row's gradient is written.
  init(scale: Double, scratch: LossScratch) {
    (self.scale, self.scratch) = (scale, scratch)
    addends = InlineArray { place in
      RowSoftmax.Addend(values: scratch.factors[place], factors: scratch.factors[place])
    }
  }

  /// Adds `share` times the probabilities of a pass, which must have been the last one.
  mutating func add(_ values: View<Float>, _ softmax: RowSoftmax, _ share: Double) {
    let factors = scratch.factors[count]
    if softmax.isEmpty {
      values.fill(0)
      return add(values, times: 0)
    }
    softmax.fill(factors, scale: scale * share, count: values.count, scratch: scratch)
    add(values, factors)
  }

  /// Adds `share` times numbers.
  mutating func add(_ values: View<Float>, times share: Double) {
    let factors = scratch.factors[count]
    factors.fill(Float(scale * share))
    add(values, factors)
  }

  private mutating func add(_ values: View<Float>, _ factors: View<Float>) {
    addends[count] = RowSoftmax.Addend(values: values, factors: factors)
    count += 1
  }

  /// Multiplies the part that was added as number `index`.
  func multiply(_ index: Int, by share: Double) {
    let factors = scratch.factors[index]
    for place in 0..<factors.count { factors[place] *= Float(share) }
  }

  /// Writes the sum over `row`, which holds the capped logits where there is a cap.
  func write(to row: View<Float>, cap: Double?) {
    RowSoftmax.combine(
      addends, count: count, into: row, offset: offset * scale,
      inverseCap: cap.map { 1 / $0 } ?? 0, scratch: scratch)
  }
}
