internal import Foundation

/// Causal attention of one sequence with grouped key and value heads.
///
/// Queries go in blocks of 128 rows against the keys they may see, so that the scores never exist
/// whole; only the log-sum-exp of each score row is kept for the backward pass, which computes the
/// scores again. Products run on the worker's own ``Products``.
public struct Attention: Sendable {
  /// Heads of queries.
  public let heads: Int
  /// Heads of keys and of values; heads / keyHeads heads of queries share each.
  public let keyHeads: Int
  /// Width h of one head.
  public let headSize: Int

  /// Query rows of a block. Part of the definition of the results: it fixes the order of sums.
  static let block = 128

  /// Traps where `keyHeads` does not divide `heads`.
  public init(heads: Int, keyHeads: Int, headSize: Int) {
    precondition(heads % keyHeads == 0)
    self.heads = heads
    self.keyHeads = keyHeads
    self.headSize = headSize
  }

  /// Columns of a row of queries, keys and values side by side.
  public var projectionWidth: Int { (heads + 2 * keyHeads) * headSize }

  /// Floats of scratch for sequences of up to `positions` keys.
  public static func scratchCount(positions: Int) -> Int { 2 * block * positions }

  private var scale: Float { 1 / Float(headSize).squareRoot() }

  /// o = softmax(q k^T / sqrt(h) + causal mask) v, head by head.
  ///
  /// - Parameters:
  ///   - queries: rows x (heads * headSize); row r stands at position `start` + r.
  ///   - keys, values: at least (start + rows) x (keyHeads * headSize), from position 0 on.
  ///   - output: rows x (heads * headSize).
  ///   - logSumExps: heads x rows floats, kept for ``backward``.
  ///   - scratch: ``scratchCount`` floats.
  public func forward(
    queries: Matrix<Float>, keys: Matrix<Float>, values: Matrix<Float>, from start: Int = 0,
    into output: Matrix<Float>, logSumExps: View<Float>, scratch: View<Float>, products: Products
  ) {
    for head in 0..<heads {
      let (k, v) = (part(keys, keyHead(head)), part(values, keyHead(head)))
      let q = part(queries, head)
      forEachBlock(queries.rows) { row, count in
        let visible = start + row + count
        let scores = Matrix(scratch, rows: count, columns: visible)
        products.multiply(
          q.rows(row, count), k.rows(0, visible).transposed, into: scores)
        let sums = logSumExps.slice(head * queries.rows + row, count)
        softmax(scores, firstPosition: start + row, logSumExps: sums)
        products.multiply(
          scores, v.rows(0, visible), into: part(output, head).rows(row, count))
      }
    }
  }

  /// Gradients of one whole sequence (`start` = 0).
  ///
  /// With P the probabilities, dP = do v^T and D_i = sum_j P_ij dP_ij:
  /// dS = P (dP - D) / sqrt(h), dq = dS k, dk += dS^T q, dv += P^T do.
  ///
  /// - Parameters:
  ///   - projections: rows x ``projectionWidth``: queries, keys, values as in the forward pass.
  ///   - gradient: do, rows x (heads * headSize).
  ///   - projectionGradient: laid out as `projections`, overwritten.
  public func backward(
    projections: Matrix<Float>, logSumExps: View<Float>, gradient: Matrix<Float>,
    into projectionGradient: Matrix<Float>, scratch: View<Float>, products: Products
  ) {
    let rows = projections.rows
    for row in 0..<rows { projectionGradient.row(row).fill(0) }
    for head in 0..<heads {
      let source = heads(of: projections, head)
      let target = heads(of: projectionGradient, head)
      let outputGradient = part(gradient, head)
      forEachBlock(rows) { row, count in
        let visible = row + count
        let half = scratch.count / 2
        let p = Matrix(scratch.slice(0, half), rows: count, columns: visible)
        let ds = Matrix(scratch.slice(half, half), rows: count, columns: visible)
        let q = source.query.rows(row, count)
        let k = source.key.rows(0, visible)
        let dOut = outputGradient.rows(row, count)
        products.multiply(q, k.transposed, into: p)
        recompute(p, firstPosition: row, logSumExps.slice(head * rows + row, count))
        products.multiply(dOut, source.value.rows(0, visible).transposed, into: ds)
        for index in 0..<count { scoreGradient(ds.row(index), p.row(index)) }
        products.multiply(ds, k, into: target.query.rows(row, count))
        products.multiply(
          ds.transposed, q, into: target.key.rows(0, visible), accumulate: true)
        products.multiply(
          p.transposed, dOut, into: target.value.rows(0, visible), accumulate: true)
      }
    }
  }

  private func keyHead(_ head: Int) -> Int { head / (heads / keyHeads) }

  private func part(_ matrix: Matrix<Float>, _ head: Int) -> Matrix<Float> {
    matrix.columns(head * headSize, headSize)
  }

  private func heads(
    of projections: Matrix<Float>, _ head: Int
  ) -> (query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>) {
    let keyHead = keyHead(head)
    return (
      part(projections, head), part(projections, heads + keyHead),
      part(projections, heads + keyHeads + keyHead)
    )
  }

  private func forEachBlock(_ rows: Int, _ body: (_ row: Int, _ count: Int) -> Void) {
    for row in stride(from: 0, to: rows, by: Self.block) { body(row, min(Self.block, rows - row)) }
  }

  /// Rows of raw scores become probabilities; keys after the row's own position get 0.
  private func softmax(_ scores: Matrix<Float>, firstPosition: Int, logSumExps: View<Float>) {
    for index in 0..<scores.rows {
      let row = scores.row(index)
      let seen = row.slice(0, firstPosition + index + 1)
      seen.multiply(by: scale)
      let high = seen.maximumValue()
      let total = seen.exponentiate(minus: high)
      seen.multiply(by: 1 / total)
      hide(row, after: seen.count)
      logSumExps[index] = high + log(total)
    }
  }

  private func recompute(_ scores: Matrix<Float>, firstPosition: Int, _ logSumExps: View<Float>) {
    for index in 0..<scores.rows {
      let row = scores.row(index)
      let seen = row.slice(0, firstPosition + index + 1)
      seen.multiply(by: scale)
      _ = seen.exponentiate(minus: logSumExps[index])
      hide(row, after: seen.count)
    }
  }

  private func hide(_ row: View<Float>, after seen: Int) {
    if seen < row.count { row.slice(seen, row.count - seen).fill(0) }
  }

  /// ds <- p (ds - sum_j p_j ds_j) / sqrt(h).
  @inline(__always)
  private func scoreGradient(_ ds: View<Float>, _ p: View<Float>) {
    let mean = Lanes(repeating: ds.dot(p))
    let factor = Lanes(repeating: scale)
    var index = 0
    while index < ds.count {
      let difference = ds.load(index, fill: 0) - mean
      ds.storeSome(difference * p.load(index, fill: 0) * factor, index)
      index += 16
    }
  }

  /// One head by the book, in float64: judges the fast version. Shapes as in ``forward``.
  public static func reference(
    queries: [[Float]], keys: [[Float]], values: [[Float]]
  ) -> [[Double]] {
    queries.indices.map { row in
      let scale = 1 / Double(queries[row].count).squareRoot()
      let scores = (0...row).map { key in
        zip(queries[row], keys[key]).reduce(0) { $0 + Double($1.0) * Double($1.1) } * scale
      }
      let high = scores.max() ?? 0
      let exponentials = scores.map { exp($0 - high) }
      let total = exponentials.reduce(0, +)
      return values[row].indices.map { column in
        (0...row).reduce(0) { $0 + exponentials[$1] / total * Double(values[$1][column]) }
      }
    }
  }
}
