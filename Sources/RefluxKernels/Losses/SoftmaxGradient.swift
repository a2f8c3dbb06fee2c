internal import Foundation

/// The shared body of every softmax loss: logits become gradients in place, one exponential each.
///
/// For p = softmax(x) and a target t of mass a = sum t, the loss sum t log(t / p) has the gradient
/// dL/dx_j = a p_j - t_j. The dense part a p_j is written here; the few t_j are subtracted by the
/// loss that knows them.
///
/// First pass, by blocks that stay in the first-level cache: m_b = the block's maximum,
/// x_j <- e^(x_j - m_b), s_b = their sum; Z = sum_b s_b e^(m_b - m). Second pass:
/// x_j <- x_j (scale e^(m_b - m) / Z). Memory traffic: two reads and two writes of the row.
struct SoftmaxGradient {
  /// log sum_j e^(x_j) over the whole row; NaN when a logit is NaN or +infinity.
  let logSumExp: Float
  private let high: Float
  private let total: Double

  static let block = 1024

  /// Floats of scratch that a row of `count` logits needs: one maximum per block.
  static func blocks(_ count: Int) -> Int { (count + block - 1) / block }

  /// First pass over `row`.
  @inline(__always)
  init(exponentiating row: View<Float>, maxima: View<Float>) {
    var (high, total) = (-Float.infinity, 0.0)
    for block in 0..<Self.blocks(row.count) {
      let part = Self.part(row, block)
      let maximum = Swift.max(part.maximumValue(), -Float.greatestFiniteMagnitude)
      let sum = Double(part.exponentiate(minus: maximum))
      let higher = Swift.max(high, maximum)
      total = total * Double(exp(high - higher)) + sum * Double(exp(maximum - higher))
      maxima[block] = maximum
      high = higher
    }
    self.high = high
    self.total = total
    logSumExp = Float(Double(high) + log(total))
  }

  /// Second pass: `row` becomes `scale` times the softmax.
  @inline(__always)
  func normalize(_ row: View<Float>, maxima: View<Float>, scale: Float) {
    for block in 0..<Self.blocks(row.count) {
      let factor = Double(scale) * Double(exp(maxima[block] - high)) / total
      Self.part(row, block).multiply(by: Float(factor))
    }
  }

  @inline(__always)
  private static func part(_ row: View<Float>, _ index: Int) -> View<Float> {
    row.slice(index * block, min(block, row.count - index * block))
  }
}

/// Scratch of the losses, one per worker: block maxima of one row.
public struct LossScratch: Sendable {
  let maxima: View<Float>

  /// Takes 4 bytes of `arena` per 1,024 logits of a row, for rows of up to `vocabularySize`.
  public init(vocabularySize: Int, arena: Arena) {
    maxima = arena.take(SoftmaxGradient.blocks(vocabularySize))
  }
}
