/// A loss, or another figure of each step, over the course of one training run.
public struct LossCurve: Equatable, Sendable {
  /// One measurement: the loss in nats per token after `tokens` training tokens.
  public struct Point: Equatable, Sendable {
    /// Training tokens seen so far.
    public var tokens: Int
    /// The loss at that moment, in nats per token.
    public var loss: Double

    /// Makes a measurement.
    public init(tokens: Int, loss: Double) {
      self.tokens = tokens
      self.loss = loss
    }
  }

  /// The name of the method, as in `MethodRow.method`: equal names share a colour.
  public var name: String
  /// The measurements, in ascending order of tokens. A loss that is not finite breaks the line.
  public var points: [Point]

  /// Makes a curve.
  public init(name: String, points: [Point]) {
    self.name = name
    self.points = points
  }
}

extension LossCurve {
  /// The curve smoothed by a centred running mean and thinned to at most `limit` points.
  ///
  /// Each point becomes the mean of the finite losses among the `width` nearest measurements on
  /// either side of it (fewer at the ends), `width` being a fortieth of the curve: a window of
  /// about five percent of the run.
  ///
  /// - Complexity: O(points).
  package func smoothed(limit: Int = 240) -> LossCurve {
    let width = points.count / 40
    var sums = [0.0]
    var counts = [0]
    for point in points {
      sums.append(sums[sums.count - 1] + (point.loss.isFinite ? point.loss : 0))
      counts.append(counts[counts.count - 1] + (point.loss.isFinite ? 1 : 0))
    }
    let smooth = points.indices.map { index in
      let first = max(0, index - width)
      let end = min(points.count, index + width + 1)
      let count = counts[end] - counts[first]
      let mean = count == 0 ? .nan : (sums[end] - sums[first]) / Double(count)
      return Point(
        tokens: points[index].tokens, loss: points[index].loss.isFinite ? mean : .nan)
    }
    return LossCurve(name: name, points: smooth).thinned(limit: limit)
  }

  /// At most `limit` points of the curve at even strides; the first and the last always stay.
  package func thinned(limit: Int) -> LossCurve {
    guard points.count > limit, limit > 1 else { return self }
    let last = points.count - 1
    let kept = (0..<limit).map { points[$0 * last / (limit - 1)] }
    return LossCurve(name: name, points: kept)
  }
}
