/// Which known name a mistyped one was meant to be.
public enum Spelling {
  /// The nearest of `names` that at most a quarter of the letters tells apart; one always may.
  public static func nearest(to name: String, in names: [String]) -> String? {
    // No name is as long as this; a long one would cost its square.
    if name.count > 100 { return nil }
    let bound = max(1, name.count { $0 != "-" && $0 != "_" } / 4)
    let distances = names.map { (name: $0, distance: distance(Array(name), Array($0))) }
    return distances.filter { $0.distance <= bound }.min { $0.distance < $1.distance }?.name
  }

  /// Letters to put in, leave out, replace or swap with their neighbour.
  ///
  /// Optimal string alignment.
  /// - Complexity: O(a b) time and memory.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        let replaced = rows[i][j] + (a[i] == b[j] ? 0 : 1)
        var best = min(replaced, row[j] + 1, rows[i][j + 1] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
