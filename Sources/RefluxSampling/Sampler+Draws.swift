internal import Foundation
internal import RefluxKernels
internal import RefluxRandom

extension Sampler {
  /// Masses at or below this are those of logits that underflow: never drawn.
  private static var nothing: Float { 0x1p-125 }

  /// Draws `rounds` ids: the ids under the points of the row's distribution function.
  mutating func draw(_ logits: View<Float>, _ maximum: Float, _ position: UInt64) {
    var random = RandomStream(seed: configuration.seed, stream: position)
    switch configuration.estimator {
    case .multinomial: points.fillIndependent(&random)
    case .systematic, .topk: points.fillSystematic(&random)
    }
    let tau = configuration.tau
    let teacherTotal = tau == 1 ? 0 : exponentiate(logits, minus: maximum, scale: 1)
    let total = exponentiate(logits, minus: maximum, scale: tau)
    locate(total)
    if tau == 1 {
      for count in counts { weights.append(Float(count) / Float(configuration.rounds)) }
    } else {
      weigh(logits, maximum, proposalPerTeacher: total / teacherTotal)
    }
  }

  /// (t_i / q_i) count_i / N, not normalised, with t_i / q_i = e^((1 - tau) (x_i - maximum)) times
  /// the ratio of the two sums.
  private mutating func weigh(
    _ logits: View<Float>, _ maximum: Float, proposalPerTeacher ratio: Double
  ) {
    let scale = ratio / Double(configuration.rounds)
    for (id, count) in zip(ids, counts) {
      let below = Double(logits[Int(id)]) - Double(maximum)
      weights.append(Float(Double(count) * scale * exp((1 - configuration.tau) * below)))
    }
  }

  /// Finds the ids under all points in one walk: block sums first, then the vectors of a block
  /// that holds points, then the lanes of a vector that holds points.
  ///
  /// A point belongs to the first id whose cumulative mass reaches it; one that rounding puts
  /// behind its vector goes to the next id of any mass.
  private mutating func locate(_ total: Double) {
    let masses = scratch.masses
    var found = 0
    var before = 0.0
    for block in blockSums.indices where found < points.fractions.count {
      let end = before + blockSums[block]
      if points.fractions[found] * total <= end {
        let start = block * Scratch.block
        let part = masses.slice(start, min(Scratch.block, vocabularySize - start))
        part.withSpan { walk($0, firstID: start, from: before, to: end, total, &found) }
      }
      before = end
    }
    if found < points.fractions.count { giveRestToLast(points.fractions.count - found) }
  }

  /// Assigns the points up to `end` to ids of one block, whose cumulative mass begins at `before`.
  private mutating func walk(
    _ masses: Span<Float>, firstID: Int, from before: Double, to end: Double, _ total: Double,
    _ found: inout Int
  ) {
    var reached = before
    var index = 0
    while index < masses.count, points.fractions[found] * total <= end {
      let lanes =
        index + 16 <= masses.count ? masses.lanes(at: index) : masses.lanes(at: index, fill: 0)
      let next = reached + Double(lanes.halvingSum)
      if points.fractions[found] * total <= next {
        assign(lanes, firstID: firstID + index, from: reached, total, &found)
        if found == points.fractions.count { return }
      }
      reached = next
      index += 16
    }
  }

  /// Assigns points to the ids of one vector.
  private mutating func assign(
    _ lanes: SIMD16<Float>, firstID: Int, from before: Double, _ total: Double, _ found: inout Int
  ) {
    var reached = before
    for lane in 0..<16 where lanes[lane] > Self.nothing {
      reached += Double(lanes[lane])
      let first = found
      while found < points.fractions.count, points.fractions[found] * total <= reached {
        found += 1
      }
      if found > first { append(firstID + lane, found - first) }
      if found == points.fractions.count { return }
    }
  }

  private mutating func append(_ id: Int, _ count: Int) {
    ids.append(UInt32(id))
    counts.append(UInt32(count))
  }

  /// Points that rounding puts behind the whole row: they go to the last id of any mass.
  private mutating func giveRestToLast(_ count: Int) {
    let last = (0..<vocabularySize).last { scratch.masses[$0] > Self.nothing } ?? 0
    if ids.last == UInt32(last) {
      counts[counts.count - 1] += UInt32(count)
    } else {
      append(last, count)
    }
  }
}
