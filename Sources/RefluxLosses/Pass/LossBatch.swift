public import RefluxMemory
public import RefluxTargets

/// The rows of a batch with what they learn from, and how their losses become one.
///
/// Rows are independent: divide them over workers in any shares, each with a ``SoftmaxLoss`` of its
/// own, and call ``reduce(_:)`` when all are done; the result does not depend on the shares.
public struct LossBatch: Sendable {
  /// What the rows learn from; set r has the places offsets[r] ..< offsets[r + 1].
  public enum Targets: Sendable {
    /// The labels alone.
    case label
    /// Sampled ids with counts out of `rounds`.
    case counted(
      offsets: View<Int32>, ids: View<UInt32>, counts: View<UInt32>, rounds: Int)
    /// Ids with weights, and what happens to the mass that they leave.
    case weighted(
      offsets: View<Int32>, ids: View<UInt32>, weights: View<Float>, Remainder)
    /// A teacher's logits, rows x V; overwritten.
    case dense(Matrix<Float>)
  }

  /// How the rows' losses become one.
  public enum Reduction: Sendable, CaseIterable {
    /// Not at all: gradients are those of each row's own loss.
    case none
    /// sum_r L_r.
    case sum
    /// sum_r L_r / sum_r w_r over the rows that are not ignored.
    case mean
  }

  /// Labels; a negative one marks an ignored row, whose loss and gradient are 0. Nil where no loss
  /// has use for them.
  public var labels: View<Int32>?
  /// What is learned from.
  public var targets: Targets
  /// w of each row, at least 0; nil is 1.
  public var weights: View<Float>?
  /// Alpha of each row, 0...1; nil takes the options'.
  public var distillation: View<Float>?
  /// How losses become one.
  public var reduction: Reduction

  /// Takes the parts as they are; `validate(rows:vocabularySize:)` checks them.
  public init(
    labels: View<Int32>?, targets: Targets, weights: View<Float>? = nil,
    distillation: View<Float>? = nil, reduction: Reduction = .mean
  ) {
    self.labels = labels
    self.targets = targets
    self.weights = weights
    self.distillation = distillation
    self.reduction = reduction
  }

  /// Checks every row; reads only, so a caller's error is found before any gradient is written.
  ///
  /// - Parameter rounding: that of the ``SoftmaxLoss`` that rows are given to.
  /// - Throws: `LossError` for the first row that is wrong.
  public func validate(
    rows: Int, vocabularySize: Int, rounding: MassRounding = MassRounding()
  ) throws(LossError) {
    for (view, name, most) in [
      (weights, "weight", Float.greatestFiniteMagnitude), (distillation, "distillation", 1),
    ] {
      guard let view else { continue }
      if view.count != rows { throw .length(view.count, expected: rows) }
      for row in 0..<rows where !(view[row] >= 0 && view[row] <= most) {
        throw .option(name, Double(view[row]))
      }
    }
    if let labels, labels.count != rows { throw .length(labels.count, expected: rows) }
    try checkOffsets(rows)
    for row in 0..<rows where weight(of: row) > 0 {
      try target(of: row).validate(
        label: label(of: row), vocabularySize: vocabularySize, rounding: rounding)
    }
  }

  private func checkOffsets(_ rows: Int) throws(LossError) {
    switch targets {
    case .label: return
    case .dense(let teacher):
      if teacher.rows != rows { throw .length(teacher.rows, expected: rows) }
    case .counted(let offsets, let ids, let counts, _):
      try Self.check(offsets, ids.count, counts.count, rows)
    case .weighted(let offsets, let ids, let weights, _):
      try Self.check(offsets, ids.count, weights.count, rows)
    }
  }

  private static func check(
    _ offsets: View<Int32>, _ ids: Int, _ values: Int, _ rows: Int
  ) throws(LossError) {
    if offsets.count != rows + 1 { throw .length(offsets.count, expected: rows + 1) }
    var last: Int32 = 0
    for row in 0...rows {
      if offsets[row] < last || offsets[row] > min(ids, values) {
        throw .length(Int(offsets[row]), expected: min(ids, values))
      }
      last = offsets[row]
    }
  }

  /// Loss and gradient of some rows, in place; after `validate(rows:vocabularySize:)`.
  ///
  /// - Parameters:
  ///   - rows: rows of the batch.
  ///   - logits: theirs, rows.count x V; become gradients of the reduced loss.
  ///   - scale: ``gradientScale``.
  ///   - loss: the worker's own.
  ///   - results: one element for each row of the batch; those of `rows` are written.
  /// - Throws: `LossError` for a row that was not validated.
  public func gradient<Element: Scalar>(
    _ rows: Range<Int>, logits: Matrix<Element>, scale: Double, by loss: SoftmaxLoss,
    into results: View<RowLoss>
  ) throws(LossError) {
    for (index, row) in rows.enumerated() {
      if index + 1 < rows.count, let ids = target(of: row + 1).ids {
        SparseKL.prefetch(logits.row(index + 1), ids: ids, scratch: loss.scratch)
      }
      results[row] = try loss.gradient(
        logits.row(index), label: label(of: row), target: target(of: row), weight: weight(of: row),
        distillation: distillation.map { Double($0[row]) }, scale: scale)
    }
  }

  /// The reduced loss, added up in the order of the rows; the sum where there is no reduction.
  public func reduce(_ results: View<RowLoss>) -> Double {
    var total = 0.0
    for row in 0..<results.count { total += results[row].loss }
    return reduction == .mean ? total * gradientScale : total
  }

  /// The factor of all gradients: 1 / sum w for a mean, 0 where every row is ignored. Reads all
  /// weights: ask once for a batch.
  public var gradientScale: Double {
    guard reduction == .mean, let rows else { return 1 }
    let total = (0..<rows).reduce(0) { $0 + weight(of: $1) }
    return total > 0 ? 1 / total : 0
  }

  /// Rows of the batch, where any part of it says.
  private var rows: Int? {
    switch targets {
    case .label: labels?.count
    case .dense(let teacher): teacher.rows
    case .counted(let offsets, _, _, _), .weighted(let offsets, _, _, _): offsets.count - 1
    }
  }

  private func label(of row: Int) -> Int? {
    labels.flatMap { $0[row] < 0 ? nil : Int($0[row]) }
  }

  private func weight(of row: Int) -> Double {
    if let labels, labels[row] < 0 { return 0 }
    return weights.map { Double($0[row]) } ?? 1
  }

  private func target(of row: Int) -> LossTarget {
    func part<T>(_ view: View<T>, _ offsets: View<Int32>) -> View<T> {
      view.slice(Int(offsets[row]), Int(offsets[row + 1] - offsets[row]))
    }
    return switch targets {
    case .label: .label
    case .dense(let teacher): .dense(teacher.row(row))
    case .counted(let offsets, let ids, let counts, let rounds):
      .counted(ids: part(ids, offsets), counts: part(counts, offsets), rounds: rounds)
    case .weighted(let offsets, let ids, let weights, let remainder):
      .weighted(ids: part(ids, offsets), weights: part(weights, offsets), remainder)
    }
  }
}
