/// Which of some candidates are kept by their scores.
public enum Ranking {
  /// The candidates with the highest scores, ascending by score, of equal scores by number.
  ///
  /// - Parameters:
  ///   - scores: no NaN.
  ///   - count: how many; all where there are fewer.
  /// - Complexity: O(n log n).
  public static func highest(_ scores: [Double], count: Int) -> [Int] {
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    return Array(order.suffix(max(0, count)))
  }

  /// A share of so many candidates as a number, rounded up: one at least where there are any.
  ///
  /// - Parameter share: above 0, at most 1.
  public static func count(_ share: Double, of candidates: Int) -> Int {
    // 0.07 of 100 are 7, whatever the product's last bit says.
    min(candidates, max(1, Int((share * Double(candidates) * (1 - 1e-12)).rounded(.up))))
  }
}
