internal import RefluxMemory

extension Muon {
  /// One step of one matrix by its definition, in float64: the reference for the fast version.
  ///
  /// - Parameters:
  ///   - weights, m: rows of the matrix and of its momentum.
  ///   - gradient: g before clipping.
  public func reference(
    weights: inout [[Double]], m: inout [[Double]], gradient: [[Double]], rate: Double,
    decay: Double, clip: Double
  ) {
    let (mu, (rows, columns)) = (Double(momentum), (weights.count, weights[0].count))
    var x = gradient
    for row in 0..<rows {
      for column in 0..<columns {
        let g = (1 - mu) * clip * gradient[row][column]
        m[row][column] = mu * m[row][column] + g
        x[row][column] = mu * m[row][column] + g
      }
    }
    x = reference(orthogonalizing: x)
    let step = rate * 0.2 * Double(max(rows, columns)).squareRoot()
    for row in 0..<rows {
      for column in 0..<columns {
        weights[row][column] -= rate * decay * weights[row][column] + step * x[row][column]
      }
    }
  }

  private func reference(orthogonalizing u: [[Double]]) -> [[Double]] {
    let norm = u.reduce(0) { $1.reduce($0) { $0 + $1 * $1 } }.squareRoot()
    var x = u.map { $0.map { $0 / max(norm, epsilon) } }
    let isTall = x.count > x[0].count
    if isTall { x = Self.transposed(x) }
    for _ in 0..<iterations {
      let gram = Self.product(x, Self.transposed(x))
      let square = Self.product(gram, gram)
      let factor = x.indices.map { row in
        x.indices.map { Double(Self.b) * gram[row][$0] + Double(Self.c) * square[row][$0] }
      }
      let sum = Self.product(factor, x)
      x = x.indices.map { row in
        x[row].indices.map { Double(Self.a) * x[row][$0] + sum[row][$0] }
      }
    }
    return isTall ? Self.transposed(x) : x
  }

  private static func transposed(_ x: [[Double]]) -> [[Double]] {
    x[0].indices.map { column in x.map { $0[column] } }
  }

  private static func product(_ x: [[Double]], _ y: [[Double]]) -> [[Double]] {
    let columns = transposed(y)
    return x.map { row in
      columns.map { column in
        var total = 0.0
        for index in row.indices { total += row[index] * column[index] }
        return total
      }
    }
  }
}
