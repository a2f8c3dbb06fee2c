internal import Foundation
internal import RefluxKernels

extension Sampler {
  /// Keeps the `rounds` most probable ids with their probabilities.
  ///
  /// Ids whose probability rounds to 0 in float32 are left out, so there may be fewer.
  mutating func keepTop(_ logits: View<Float>, _ maxima: LaneMaxima) {
    let total = exponentiate(logits, minus: maxima.maximum, scale: 1)
    let limit = configuration.capacity(vocabularySize: vocabularySize)
    selection.begin(bound: maxima.lowerBound(ofRank: limit))
    logits.withSpan { select($0) }
    selection.finish { id in
      let below = Double(logits[Int(id)]) - Double(maxima.maximum)
      let probability = Float(exp(below) / total)
      if probability > 0 {
        ids.append(id)
        weights.append(probability)
      }
    }
  }

  /// Offers every logit that exceeds the threshold to the selection: blocks of 64 by their maximum
  /// first, then lane by lane.
  private mutating func select(_ logits: Span<Float>) {
    var index = 0
    while index + 64 <= logits.count {
      let left = logits.lanes(at: index).larger(logits.lanes(at: index + 16))
      let right = logits.lanes(at: index + 32).larger(logits.lanes(at: index + 48))
      if left.larger(right).halvingMaximum > selection.threshold {
        offer(logits, index..<index + 64)
      }
      index += 64
    }
    offer(logits, index..<logits.count)
  }

  private mutating func offer(_ logits: Span<Float>, _ range: Range<Int>) {
    for index in range where logits[index] > selection.threshold {
      selection.insert(logits[index], id: UInt32(index))
    }
  }
}
