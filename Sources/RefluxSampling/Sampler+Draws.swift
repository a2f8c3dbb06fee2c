internal import RefluxMemory
internal import RefluxRandom
internal import RefluxTargets

extension Sampler {
  /// Draws `rounds` ids: the ids under the points of the row's distribution function.
  mutating func draw(
    _ logits: View<Float>, _ maximum: Float, _ total: Double, _ position: UInt64
  ) {
    fillFractions(position)
    let masses = scratch.masses
    let found = masses.draw(
      scratch.fractions, from: logits, minus: maximum, scale: configuration.tau, total: total)
    for index in 0..<found {
      ids.append(masses.ids[index])
      counts.append(masses.counts[index])
    }
    if configuration.tau == 1 {
      for count in counts { weights.append(Float(count) / Float(configuration.rounds)) }
    } else {
      let teacherTotal = masses.fill(logits, minus: maximum)
      weigh(logits, maximum, proposalPerTeacher: total / teacherTotal)
    }
  }

  /// Where the draws of a row fall: in (0, 1], in any order.
  ///
  /// Multinomial: 1 - u with an independent u in [0, 1) for each. Systematic: (k - u) / N for k in
  /// 1...N, with one u for all.
  private func fillFractions(_ position: UInt64) {
    var random = RandomStream(seed: configuration.seed, stream: position)
    scratch.fractions.withMutableSpan { fractions in
      if configuration.estimator == .multinomial {
        random.fillUniform(&fractions)
        for index in fractions.indices { fractions[index] = 1 - fractions[index] }
      } else {
        let (offset, count) = (random.nextUniform(), Double(fractions.count))
        for index in fractions.indices { fractions[index] = (Double(index + 1) - offset) / count }
      }
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
}

extension Sampler {
  /// Keeps the `rounds` most probable ids with their probabilities.
  ///
  /// Ids whose probability rounds to 0 in float32 are left out, so there may be fewer.
  mutating func keepTop(_ logits: View<Float>, _ maximum: Float, _ total: Double) {
    let limit = configuration.capacity(vocabularySize: vocabularySize)
    let masses = scratch.masses
    masses.largest(limit, of: logits, maximum: maximum)
    for index in 0..<limit {
      let below = Double(masses.logits[index]) - Double(maximum)
      let probability = Float(exp(below) / total)
      if probability > 0 {
        ids.append(masses.ids[index])
        weights.append(probability)
      }
    }
  }
}
