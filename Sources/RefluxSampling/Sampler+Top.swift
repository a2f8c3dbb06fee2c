internal import RefluxMemory

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
