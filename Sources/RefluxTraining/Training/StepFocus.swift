internal import RefluxLosses
internal import RefluxMemory

/// The focus of a batch: scores of all its rows, and the weights that they leave.
struct StepFocus: Sendable {
  private let focus: Focus
  private let window: Int
  private let scores: View<Float>

  /// Takes 4 bytes of `arena` for each of `rows`, whole windows.
  init(_ focus: Focus, rows: Int, window: Int, arena: Arena) {
    (self.focus, self.window) = (focus, window)
    scores = arena.take(rows)
  }

  /// Rows of a window that stay where all count.
  var rowsPerWindow: Int { focus.count(of: window) }

  /// Room for the scores of rows, which any worker may fill.
  func scores(of rows: Range<Int>) -> View<Float> { scores.slice(rows.lowerBound, rows.count) }

  /// Sets the weights of all other rows to 0; rows without a weight are never among those that
  /// stay, nor counted.
  ///
  /// - Complexity: 32 readings of the scores; no memory.
  func narrow(_ weights: View<Float>) {
    for start in stride(from: 0, to: weights.count, by: window) {
      WindowScores(scores.slice(start, window), weights.slice(start, window)).narrow(focus)
    }
  }
}

/// The scores of one window.
private struct WindowScores {
  private let scores: View<Float>
  private let weights: View<Float>

  init(_ scores: View<Float>, _ weights: View<Float>) {
    (self.scores, self.weights) = (scores, weights)
  }

  func narrow(_ focus: Focus) {
    let counted = count { _ in true }
    if counted == 0 { return }
    let kept = focus.count(of: counted)
    let least = least(ofHighest: kept)
    // Of equal scores the earlier positions.
    var equal = kept - count { $0 > least }
    for place in 0..<weights.count where weights[place] > 0 {
      let key = key(place)
      if key > least { continue }
      if key == least && equal > 0 { equal -= 1 } else { weights[place] = 0 }
    }
  }

  /// The `rank`-th highest key, bit by bit.
  private func least(ofHighest rank: Int) -> UInt32 {
    var least: UInt32 = 0
    for bit in (0..<32).reversed() {
      let next = least | 1 << UInt32(bit)
      if count({ $0 >= next }) >= rank { least = next }
    }
    return least
  }

  private func count(_ isCounted: (_ key: UInt32) -> Bool) -> Int {
    var count = 0
    for place in 0..<weights.count where weights[place] > 0 && isCounted(key(place)) { count += 1 }
    return count
  }

  /// In the order of the scores, which are at least 0 but for rounding; what is not a number comes
  /// first, so that its step is found out.
  private func key(_ place: Int) -> UInt32 {
    let score = scores[place]
    return score.isNaN ? .max : max(score, 0).bitPattern
  }
}
