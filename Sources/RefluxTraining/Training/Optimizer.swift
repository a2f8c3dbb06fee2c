public import RefluxKernels
public import RefluxModel

/// AdamW over all tensors of a decoder, with clipping by the gradient's norm.
///
/// Memory: 8 bytes per parameter for the two moments. The norm is summed over fixed slices in a
/// fixed order, so steps do not depend on the number of workers.
@safe
public final class Optimizer<Element: Scalar>: @unchecked Sendable {
  // Safe because: shares write to disjoint slices.
  /// The model whose weights are updated.
  public let decoder: Decoder<Element>
  /// Decay of the moments and epsilon, the same for all tensors.
  public let adam: AdamW
  /// Matrices shrink by rate * `weightDecay` of themselves per step; gains and biases do not.
  public let weightDecay: Float
  /// Largest norm of the gradient; 0 leaves it as it is.
  public let clipNorm: Float
  /// First and second moments in the order of the decoder's table.
  public let firstMoments: View<Float>
  public let secondMoments: View<Float>
  private let arena = Arena()
  private let slices: [Slice]
  private let squares: View<Double>

  private struct Slice {
    var start: Int
    var count: Int
    var decays: Bool
  }

  /// Takes the memory of the moments, which start at zero.
  public init(
    _ decoder: Decoder<Element>, adam: AdamW = AdamW(), weightDecay: Float = 0.1,
    clipNorm: Float = 1
  ) {
    self.decoder = decoder
    self.adam = adam
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    firstMoments = arena.take(decoder.table.count)
    secondMoments = arena.take(decoder.table.count)
    let size = 1 << 16
    slices = decoder.table.entries.flatMap { entry in
      stride(from: 0, to: entry.count, by: size).map { start in
        Slice(
          start: entry.offset + start, count: min(size, entry.count - start),
          decays: entry.decays)
      }
    }
    squares = arena.take(slices.count)
  }

  /// sqrt(sum of squares) of all gradients.
  public func norm(_ gradients: View<Float>) -> Double {
    decoder.workers.run(slices.count) { share, _ in
      squares[share] = sumOfSquares(gradients.slice(slices[share].start, slices[share].count))
    }
    var total = 0.0
    for share in slices.indices { total += squares[share] }
    return total.squareRoot()
  }

  /// One update of all weights.
  ///
  /// - Parameters:
  ///   - step: counted from 0.
  ///   - norm: of `gradients`; above ``clipNorm`` they are scaled down to it.
  public func update(_ gradients: View<Float>, step: Int, rate: Double, norm: Double) {
    let clip = clipNorm > 0 && norm > Double(clipNorm) ? Float(Double(clipNorm) / norm) : 1
    decoder.workers.run(slices.count) { share, _ in
      let slice = slices[share]
      adam.update(
        weights: decoder.weights.slice(slice.start, slice.count),
        gradient: gradients.slice(slice.start, slice.count),
        m: firstMoments.slice(slice.start, slice.count),
        v: secondMoments.slice(slice.start, slice.count), step: step + 1, rate: Float(rate),
        decay: slice.decays ? weightDecay : 0, clip: clip)
    }
    decoder.weightsChanged()
  }
}
