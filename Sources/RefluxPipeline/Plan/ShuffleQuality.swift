/// How far an order is from one drawn at random.
public struct ShuffleQuality: Equatable, Sendable {
  /// The mean distance that windows are moved by, over that of a random order: 1 is as good as
  /// random, 0 is no shuffle.
  public let displacement: Double
  /// The share of windows whose predecessor in the order is one of their 64 neighbours in the
  /// store, in percent, above what chance gives.
  public let neighbourPercent: Double

  /// Measures the first epoch of a plan's first store.
  ///
  /// - Parameter limit: places that are looked at, from the start of the epoch.
  /// - Complexity: a few hundred ns per place.
  public init(of plan: FeedPlan, limit: Int = 1 << 17) {
    let count = plan.windowCounts[0]
    var cursor = plan.makeCursor()
    let places = min(limit, count)
    var (distance, neighbours, last) = (0.0, 0, -1 << 40)
    for place in 0..<places {
      let window = cursor.orders[0].window(at: place, epoch: 0)
      distance += Double(abs(window - place))
      if abs(window - last) <= WindowOrder.run { neighbours += 1 }
      last = window
    }
    displacement = distance / Double(max(places, 1)) / Self.randomDistance(places, of: count)
    let chance = min(1, 2 * Double(WindowOrder.run) / Double(max(count, 1)))
    neighbourPercent = 100 * (Double(neighbours) / Double(max(places, 1)) - chance)
  }

  /// The mean of |window - place| over the places 0..<places and all windows.
  private static func randomDistance(_ places: Int, of count: Int) -> Double {
    let n = Double(count)
    var sum = 0.0
    for place in 0..<places {
      let (below, above) = (Double(place), n - 1 - Double(place))
      sum += (below * (below + 1) / 2 + above * (above + 1) / 2) / n
    }
    return max(sum / Double(max(places, 1)), 1e-9)
  }
}
