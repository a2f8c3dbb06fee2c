internal import RefluxKernels
internal import RefluxLosses
package import RefluxMemory

/// The output head and its loss in one: [rows x vocabulary] never exists.
///
/// For hidden states H (rows x d) and a head W (V x d), with X = H W^T and L the sum of the losses
/// of X's rows:
///
/// G = dL/dX (the loss writes it over X),  dL/dH = G W,  dL/dW = G^T H.
///
/// Rows come in chunks. For each, by slices of the vocabulary: logits; by shares of its rows:
/// loss and G; by groups of slices: the group's part of dL/dH and dL/dW of its slices, so that a
/// slice of G is read once for both; last the parts of dL/dH are added up in the order of the
/// groups. So a chunk reads the head twice from memory, and its rows are as many as make the
/// products' arithmetic outweigh that: with 64 rows instead of 512 they take 1.5 times as long.
/// Chunks, slices, shares and groups follow from the sizes alone: any number of workers gives the
/// same bits. All sums are kept in float32.
///
/// Memory: c V s + 4 g c d bytes, with c = ``rowsPerChunk`` rows, g = 8 groups and s = 4 bytes per
/// logit, 6 when `Element` is not Float. See ``byteCount``.
@safe
package final class LinearLoss<Element: Scalar>: @unchecked Sendable {
  // Safe because: shares write to disjoint rows or slices of the head, each with its worker's own
  // products.

  /// The objective of some rows.
  package typealias RowLoss = GradientPass.RowLoss
  /// Reads logits of some rows.
  package typealias RowLook = GradientPass.RowLook

  /// The size of a vocabulary, V.
  package let vocabularySize: Int
  /// The most rows that a ``RowLoss`` is given at once.
  package let rowsPerShare: Int
  /// Rows whose logits exist at once.
  package let rowsPerChunk: Int
  private let workers: Workers
  private let products: [Products]
  private let logits: Matrix<Float>
  /// The same memory as the logits when `Element` is Float.
  private let gradients: Matrix<Element>
  private let losses: View<Double>
  /// One group's part of dL/dH under another: groups * chunk x d.
  private let parts: Matrix<Float>
  private let groups: Int
  private let arena = Arena()

  /// Takes the memory of a chunk.
  ///
  /// - Parameters:
  ///   - rows: the most rows of a call.
  ///   - width: d, columns of hidden states and head.
  ///   - rowsTogether: a loss is given whole groups of as many rows, a divisor of `rows`.
  package init(
    rows: Int, width: Int, vocabularySize: Int, workers: Workers, rowsTogether: Int = 1
  ) {
    self.vocabularySize = vocabularySize
    self.workers = workers
    products = (0..<workers.count).map { _ in Products() }
    let share = Self.rowsPerShare(vocabularySize: vocabularySize)
    rowsPerShare = max(1, share / rowsTogether) * rowsTogether
    // At least 512 rows, more where their logits stay below 64 MiB.
    let chunk = max(512, (16 << 20) / vocabularySize & ~127)
    rowsPerChunk = min(max(1, chunk / rowsPerShare) * rowsPerShare, rows)
    groups = min(8, Self.slices(vocabularySize))
    logits = arena.takeMatrix(rowsPerChunk, vocabularySize)
    let operands: View<Element> =
      Element.self == Float.self
      ? logits.elements.settled(as: Element.self) : arena.take(rowsPerChunk * vocabularySize)
    gradients = Matrix(operands, rows: rowsPerChunk, columns: vocabularySize)
    losses = arena.take((rowsPerChunk + rowsPerShare - 1) / rowsPerShare)
    parts = arena.takeMatrix(groups * rowsPerChunk, width)
  }

  /// Rows of a share where rows stand for themselves.
  package static func rowsPerShare(vocabularySize: Int) -> Int {
    vocabularySize > 32_768 ? 64 : 128
  }

  /// Rows of the head in a slice.
  private static var slice: Int { 2048 }
  private static func slices(_ vocabularySize: Int) -> Int { (vocabularySize + slice - 1) / slice }

  /// Bytes beside the operands and results.
  package var byteCount: Int { arena.byteCount }

  /// Loss and both gradients.
  ///
  /// - Parameters:
  ///   - hidden: H, rows x d.
  ///   - head: W, V x d.
  ///   - hiddenGradient: becomes dL/dH, rows x d.
  ///   - headGradient: becomes dL/dW, V x d; what it held is gone.
  ///   - loss: the objective; the scale of its gradient is that of both results.
  /// - Returns: the sum of the rows' losses, added up in the order of the shares.
  package func run(
    hidden: Matrix<Element>, head: Matrix<Element>, hiddenGradient: Matrix<Float>,
    headGradient: Matrix<Float>, loss: RowLoss
  ) -> Double {
    precondition(head.rows == vocabularySize && hiddenGradient.rows == hidden.rows)
    var total = 0.0
    for start in stride(from: 0, to: hidden.rows, by: rowsPerChunk) {
      let count = min(rowsPerChunk, hidden.rows - start)
      let input = hidden.rows(start, count)
      fillLogits(input, head)
      total += apply(loss, start..<start + count)
      differentiate(input, head, headGradient, isFirst: start == 0)
      addParts(into: hiddenGradient.rows(start, count))
    }
    return total
  }

  /// The logits alone, chunk by chunk: one of the three products of
  /// ``run(hidden:head:hiddenGradient:headGradient:loss:)``.
  ///
  /// - Parameters:
  ///   - hidden: H, rows x d.
  ///   - head: W, V x d.
  ///   - look: is shown the bits that a loss is given, and may overwrite them.
  package func look(hidden: Matrix<Element>, head: Matrix<Element>, _ look: RowLook) {
    for start in stride(from: 0, to: hidden.rows, by: rowsPerChunk) {
      let count = min(rowsPerChunk, hidden.rows - start)
      fillLogits(hidden.rows(start, count), head)
      workers.run((count + rowsPerShare - 1) / rowsPerShare) { share, worker in
        let row = share * rowsPerShare
        let size = min(rowsPerShare, count - row)
        look(start + row..<start + row + size, logits.rows(row, size), worker)
      }
    }
  }

  /// X = H W^T.
  private func fillLogits(_ input: Matrix<Element>, _ head: Matrix<Element>) {
    workers.run(Self.slices(vocabularySize)) { index, worker in
      let slice = slice(index)
      products[worker].multiply(
        input, head.rows(slice.lowerBound, slice.count).transposed,
        into: logits.rows(0, input.rows).columns(slice.lowerBound, slice.count))
    }
  }

  /// X becomes G.
  private func apply(_ loss: RowLoss, _ rows: Range<Int>) -> Double {
    let shares = (rows.count + rowsPerShare - 1) / rowsPerShare
    workers.run(shares) { share, worker in
      let row = share * rowsPerShare
      let size = min(rowsPerShare, rows.count - row)
      let (part, first) = (logits.rows(row, size), rows.lowerBound + row)
      losses[share] = loss(first..<first + size, part, worker)
      if Element.self != Float.self {
        convert(part.elements, into: gradients.rows(row, size).elements)
      }
    }
    return (0..<shares).reduce(0) { $0 + losses[$1] }
  }

  /// dL/dH by groups, dL/dW (+)= G^T H.
  private func differentiate(
    _ input: Matrix<Element>, _ head: Matrix<Element>, _ headGradient: Matrix<Float>, isFirst: Bool
  ) {
    let (slices, g) = (Self.slices(vocabularySize), gradients.rows(0, input.rows))
    workers.run(groups) { group, worker in
      let part = parts.rows(group * rowsPerChunk, input.rows)
      let own = group * slices / groups..<(group + 1) * slices / groups
      for index in own {
        let slice = slice(index)
        let g = g.columns(slice.lowerBound, slice.count)
        products[worker].multiply(
          g, head.rows(slice.lowerBound, slice.count), into: part,
          accumulate: index > own.lowerBound)
        products[worker].multiply(
          g.transposed, input, into: headGradient.rows(slice.lowerBound, slice.count),
          accumulate: !isFirst)
      }
    }
  }

  /// dL/dH = the sum of the groups' parts.
  private func addParts(into target: Matrix<Float>) {
    let size = 64
    workers.run((target.rows + size - 1) / size) { share, _ in
      let row = share * size
      let own = target.rows(row, min(size, target.rows - row))
      own.elements.copy(from: parts.rows(row, own.rows).elements)
      for group in 1..<max(groups, 1) {
        add(parts.rows(group * rowsPerChunk + row, own.rows).elements, to: own.elements)
      }
    }
  }

  private func slice(_ index: Int) -> Range<Int> {
    index * Self.slice..<min((index + 1) * Self.slice, vocabularySize)
  }
}
