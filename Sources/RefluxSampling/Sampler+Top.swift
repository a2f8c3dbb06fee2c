internal import Foundation
internal import RefluxKernels

extension Sampler {
  /// Keeps the `rounds` most probable ids with their probabilities.
  ///
  /// Ids whose probability rounds to 0 in float32 are left out, so there may be fewer.
  mutating func keepTop(_ logits: View<Float>, _ maximum: Float, _ total: Double) {
    let limit = configuration.capacity(vocabularySize: vocabularySize)
    selection.begin(bound: scratch.masses.lowerBound(ofRank: limit))
    select(logits)
    selection.finish { id in
      let below = Double(logits[Int(id)]) - Double(maximum)
      let probability = Float(exp(below) / total)
      if probability > 0 {
        ids.append(id)
        weights.append(probability)
      }
    }
  }

  /// Offers every logit that exceeds the threshold to the selection: blocks of 64 by their maximum
  /// first, then one by one.
  private mutating func select(_ logits: View<Float>) {
    var start = 0
    while true {
      start = scratch.masses.nextAbove(selection.threshold, in: logits, from: start)
      if start == logits.count { return }
      let end = min(start + 64, logits.count)
      for index in start..<end where logits[index] > selection.threshold {
        selection.insert(logits[index], id: UInt32(index))
      }
      start = end
    }
  }
}
