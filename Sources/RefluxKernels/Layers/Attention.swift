public import RefluxMemory

/// Causal attention of one sequence with grouped key and value heads.
///
/// A position sees itself and those before it, of its own document where documents are given, and
/// no more than ``window`` in all. Queries go in blocks of 128 rows against the keys they may see,
/// so that the scores never exist whole; only the log-sum-exp of each score row is kept for the
/// backward pass, which computes the scores again. Products run on the worker's own ``Products``.
public struct Attention: Sendable {
  /// Heads of queries.
  public let heads: Int
  /// Heads of keys and of values; heads / keyHeads heads of queries share each.
  public let keyHeads: Int
  /// Width h of one head.
  public let headSize: Int
  /// The most positions that one sees, itself included; nil for all.
  public let window: Int?
  /// What products of queries and keys are multiplied by.
  public let scale: Float
  /// Keeps the scaled products within a limit; nil leaves them as they are.
  public let softcap: Softcap?

  /// Query rows of a block. Part of the definition of the results: it fixes the order of sums.
  static let block = 128

  /// Traps where `keyHeads` does not divide `heads`, or the window is below 1. `scale` defaults to
  /// 1 / sqrt(h).
  public init(
    heads: Int, keyHeads: Int, headSize: Int, window: Int? = nil, scale: Float? = nil,
    softcap: Softcap? = nil
  ) {
    precondition(heads % keyHeads == 0 && window ?? 1 >= 1)
    self.heads = heads
    self.keyHeads = keyHeads
    self.headSize = headSize
    self.window = window
    self.scale = scale ?? 1 / Float(headSize).squareRoot()
    self.softcap = softcap
  }

  /// Columns of a row of queries, keys and values side by side.
  public var projectionWidth: Int { (heads + 2 * keyHeads) * headSize }

  /// Floats of scratch for sequences of up to `positions` keys.
  public static func scratchCount(positions: Int) -> Int { (2 * block + 1) * positions }

  /// o = softmax(cap(scale q k^T) + mask) v, head by head.
  ///
  /// - Parameters:
  ///   - queries: rows x (heads * headSize); row r stands at position `start` + r.
  ///   - keys, values: at least (start + rows) x (keyHeads * headSize), from position 0 on.
  ///   - documents: for each position from 0 on the one at which its document starts, so that no
  ///     position sees another document; nil for one document.
  ///   - output: rows x (heads * headSize).
  ///   - logSumExps: heads x rows floats, kept for `backward`.
  ///   - scratch: `scratchCount` floats.
  public func forward(
    queries: Matrix<Float>, keys: Matrix<Float>, values: Matrix<Float>, from start: Int = 0,
    documents: View<Int32>? = nil, into output: Matrix<Float>, logSumExps: View<Float>,
    scratch: View<Float>, products: Products
  ) {
    let visible = VisibleKeys(window: window, documents: documents)
    for head in 0..<heads {
      let (k, v) = (part(keys, keyHead(head)), part(values, keyHead(head)))
      let q = part(queries, head)
      forEachBlock(queries.rows) { row, count in
        let seen = visible.keys(from: start + row, count)
        let scores = Matrix(scratch, rows: count, columns: seen.count)
        products.multiply(
          q.rows(row, count), k.rows(seen.lowerBound, seen.count).transposed, into: scores)
        let sums = logSumExps.slice(head * queries.rows + row, count)
        for index in 0..<count {
          let own = visible.keys(of: start + row + index, within: seen)
          sums[index] = softmax(scores.row(index), own)
        }
        products.multiply(
          scores, v.rows(seen.lowerBound, seen.count), into: part(output, head).rows(row, count))
      }
    }
  }

  /// Gradients of one whole sequence (`start` = 0).
  ///
  /// With P the probabilities, dP = do v^T and D_i = sum_j P_ij dP_ij:
  /// dS = scale cap'(S) P (dP - D), dq = dS k, dk += dS^T q, dv += P^T do.
  ///
  /// - Parameters:
  ///   - projections: rows x ``projectionWidth``: queries, keys, values as in the forward pass.
  ///   - gradient: do, rows x (heads * headSize).
  ///   - documents: as in the forward pass.
  ///   - projectionGradient: laid out as `projections`, overwritten.
  public func backward(
    projections: Matrix<Float>, logSumExps: View<Float>, gradient: Matrix<Float>,
    documents: View<Int32>? = nil, into projectionGradient: Matrix<Float>, scratch: View<Float>,
    products: Products
  ) {
    let rows = projections.rows
    let visible = VisibleKeys(window: window, documents: documents)
    for row in 0..<rows { projectionGradient.row(row).fill(0) }
    for head in 0..<heads {
      let source = heads(of: projections, head)
      let target = heads(of: projectionGradient, head)
      let outputGradient = part(gradient, head)
      forEachBlock(rows) { row, count in
        let seen = visible.keys(from: row, count)
        let size = count * seen.count
        let p = Matrix(scratch.slice(0, size), rows: count, columns: seen.count)
        let ds = Matrix(scratch.slice(size, size), rows: count, columns: seen.count)
        let slopes = softcap == nil ? nil : scratch.slice(2 * size, seen.count)
        let q = source.query.rows(row, count)
        let k = source.key.rows(seen.lowerBound, seen.count)
        let v = source.value.rows(seen.lowerBound, seen.count)
        let dOut = outputGradient.rows(row, count)
        products.multiply(q, k.transposed, into: p)
        products.multiply(dOut, v.transposed, into: ds)
        for index in 0..<count {
          let own = visible.keys(of: row + index, within: seen)
          recompute(p.row(index), own, logSumExps[head * rows + row + index], slopes)
          scoreGradient(ds.row(index), p.row(index))
          if let slopes { ds.row(index).multiply(by: slopes) }
        }
        products.multiply(ds, k, into: target.query.rows(row, count))
        products.multiply(
          ds.transposed, q, into: target.key.rows(seen.lowerBound, seen.count), accumulate: true)
        products.multiply(
          p.transposed, dOut, into: target.value.rows(seen.lowerBound, seen.count),
          accumulate: true)
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

  /// A row of raw scores becomes probabilities, 0 outside of `own`; returns its log-sum-exp.
  @inline(__always)
  private func softmax(_ row: View<Float>, _ own: Range<Int>) -> Float {
    let seen = row.slice(own.lowerBound, own.count)
    seen.multiply(by: scale)
    softcap?.apply(seen)
    let high = seen.maximumValue()
    let total = seen.exponentiate(minus: high)
    seen.multiply(by: 1 / total)
    hide(row, outside: own)
    return high + log(total)
  }

  /// - Parameter slopes: gets the softcap's derivative within `own` and 0 elsewhere.
  @inline(__always)
  private func recompute(
    _ row: View<Float>, _ own: Range<Int>, _ logSumExp: Float, _ slopes: View<Float>?
  ) {
    let seen = row.slice(own.lowerBound, own.count)
    seen.multiply(by: scale)
    if let softcap, let slopes {
      softcap.apply(seen)
      softcap.slopes(seen, into: slopes.slice(own.lowerBound, own.count))
      hide(slopes, outside: own)
    }
    _ = seen.exponentiate(minus: logSumExp)
    hide(row, outside: own)
  }

  private func hide(_ row: View<Float>, outside own: Range<Int>) {
    if own.lowerBound > 0 { row.slice(0, own.lowerBound).fill(0) }
    if own.upperBound < row.count {
      row.slice(own.upperBound, row.count - own.upperBound).fill(0)
    }
  }

  /// ds <- scale p (ds - sum_j p_j ds_j).
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
}

extension Attention {
  /// What the passes take as `documents`, from an id per position: neighbours of one id are one
  /// document.
  ///
  /// - Parameters:
  ///   - ids: of all positions of a sequence.
  ///   - starts: for each position the one at which its document starts.
  public static func findDocuments(_ ids: View<UInt32>, into starts: View<Int32>) {
    for position in 0..<ids.count {
      let continues = position > 0 && ids[position] == ids[position - 1]
      starts[position] = continues ? starts[position - 1] : Int32(position)
    }
  }
}

/// Which keys a position sees: those of its document, of its window, and none after itself.
struct VisibleKeys {
  let window: Int?
  /// For each position the one at which its document starts.
  let documents: View<Int32>?

  /// The keys of one block of queries: from the first that any of them sees, brought down to a
  /// multiple of the block so that few shapes of products arise, to the last query's own.
  func keys(from position: Int, _ count: Int) -> Range<Int> {
    first(position) / Attention.block * Attention.block..<position + count
  }

  /// The keys of one query, counted from the first of `block`.
  @inline(__always)
  func keys(of position: Int, within block: Range<Int>) -> Range<Int> {
    first(position) - block.lowerBound..<position + 1 - block.lowerBound
  }

  /// Never below that of an earlier position: documents and windows only move on.
  @inline(__always)
  private func first(_ position: Int) -> Int {
    let inWindow = window.map { max(0, position - $0 + 1) } ?? 0
    return documents.map { max(inWindow, Int($0[position])) } ?? inWindow
  }
}
