internal import RefluxInterchange
internal import RefluxLosses

/// Mean probabilities of groups in, T.stddev out: how far apart a teacher's answers on the groups
/// are.
public struct GroupSpread: Sendable {
  /// T.stddev of an array.
  public struct Result: Equatable, Sendable {
    /// Groups of rows.
    public var groups: Int
    /// Probabilities of each.
    public var classes: Int
    /// The mean over classes of the standard deviation over groups; lower is better.
    public var deviation: Double
  }

  /// The array: mean probabilities [groups, classes], or probabilities [groups, rows, classes].
  public var path: String

  /// Nothing is opened before the recipe runs.
  public init(_ path: String) { self.path = path }

  /// Reads the array and computes.
  ///
  /// - Throws: `file`, `emptyFile`, `foreign`, `selection`.
  /// - Complexity: one pass over the array; a row in memory, and the means of all groups.
  public func run() throws(RecipeError) -> Result {
    let rows = try NumberRows(path: path, named: "groups")
    if rows.shape.count > 3 {
      throw .foreign(
        path: path,
        .malformed(
          part: "the shape", found: "\(rows.shape)",
          expected: "[groups, classes] or [groups, rows, classes]"))
    }
    let groups = rows.shape[0]
    if groups < 2 { throw .selection(path: path, .oneGroup) }
    let means = try (0..<groups).map { group throws(RecipeError) in try mean(of: group, rows) }
    try rows.checkWhole()
    return Result(
      groups: groups, classes: rows.width, deviation: ReferenceScores.spread(means))
  }

  private func mean(of group: Int, _ rows: NumberRows) throws(RecipeError) -> [Double] {
    let size = rows.count / rows.shape[0]
    var mean = [Double](repeating: 0, count: rows.width)
    for row in group * size..<(group + 1) * size {
      for (place, value) in try rows.row(row).enumerated() {
        guard (0...1).contains(value) else {
          throw .selection(path: path, .probability(value, group: group))
        }
        mean[place] += value / Double(size)
      }
    }
    return mean
  }
}
