internal import RefluxMemory

extension Attention {
  /// One head by its definition, in float64: the reference for the fast version.
  /// Shapes as in `forward`.
  ///
  /// - Parameters:
  ///   - first: the first key that each row sees; the last is the row's own.
  ///   - scale: 1 / sqrt(h) where nil.
  public static func reference(
    queries: [[Float]], keys: [[Float]], values: [[Float]], first: [Int]? = nil,
    scale: Float? = nil, softcap: Softcap? = nil
  ) -> [[Double]] {
    queries.indices.map { row in
      let scale = scale.map(Double.init) ?? 1 / Double(queries[row].count).squareRoot()
      let seen = (first?[row] ?? 0)...row
      let scores = seen.map { key in
        let product = zip(queries[row], keys[key]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        return softcap?.reference(product * scale) ?? product * scale
      }
      let high = scores.max() ?? 0
      let exponentials = scores.map { exp($0 - high) }
      let total = exponentials.reduce(0, +)
      return values[row].indices.map { column in
        seen.reduce(0) {
          $0 + exponentials[$1 - seen.lowerBound] / total * Double(values[$1][column])
        }
      }
    }
  }
}
