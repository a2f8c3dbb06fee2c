import Foundation
import NumericSupport
import RefluxKernels
import RefluxMemory
import RefluxRandom
import Testing

struct AdamWTests {
  private final class State {
    let weights, m, v: Walled<Float>

    init(_ values: [Float], offset: Int) {
      weights = Walled(values, offset: offset)
      m = Walled(count: values.count, offset: offset + 1)
      v = Walled(count: values.count, offset: offset + 2)
    }

    func update(
      _ gradient: Walled<Float>, _ range: Range<Int>, step: Int, rate: Float, decay: Float,
      clip: Float
    ) {
      AdamW().update(
        weights: weights.view.slice(range.lowerBound, range.count),
        gradient: gradient.view.slice(range.lowerBound, range.count),
        m: m.view.slice(range.lowerBound, range.count),
        v: v.view.slice(range.lowerBound, range.count), step: step, rate: rate, decay: decay,
        clip: clip)
    }
  }

  /// Five steps against the definition in float64.
  @Test(arguments: Array(0...67) + [1000])
  func agreesWithFloat64(count: Int) {
    var random = RandomStream(seed: 30, stream: UInt64(count))
    let values = random.normals(count)
    let state = State(values, offset: count % 13)
    var (w, m) = (values.map(Double.init), [Double](repeating: 0, count: count))
    var v = m
    for step in 1...5 {
      var gradient = random.normals(count)
      if count > 2 { gradient[1] = 0 }
      let (rate, decay, clip) = (0.01 * Double(step), step % 2 == 0 ? 0.1 : 0, 0.75)
      let source = Walled<Float>(gradient, offset: 4)
      state.update(
        source, 0..<count, step: step, rate: Float(rate), decay: Float(decay), clip: Float(clip))
      for index in 0..<count {
        AdamW.reference(
          weight: &w[index], m: &m[index], v: &v[index], gradient: Double(gradient[index]),
          step: step, rate: rate, decay: decay, clip: clip)
      }
    }
    #expect(absoluteError(state.weights.values, w) < 1e-6)
    #expect(absoluteError(state.m.values, m) < 1e-6)
    #expect(absoluteError(state.v.values, v) < 1e-6)
    #expect(state.weights.wallsStand && state.m.wallsStand && state.v.wallsStand)
  }

  /// Workers take shares of a tensor: where it is cut must not show in a bit.
  @Test func sharesGiveTheSameBits() {
    var random = RandomStream(seed: 31, stream: 0)
    let values = random.normals(300)
    let gradients = (0..<3).map { _ in Walled<Float>(random.normals(300), offset: 2) }
    let cuts: [[Range<Int>]] = [
      [0..<300], [0..<1, 1..<150, 150..<299, 299..<300], [0..<160, 160..<300],
    ]
    let results = cuts.map { parts in
      let state = State(values, offset: 0)
      for (index, gradient) in gradients.enumerated() {
        for part in parts {
          state.update(gradient, part, step: index + 1, rate: 0.01, decay: 0.1, clip: 0.9)
        }
      }
      return [state.weights.values, state.m.values, state.v.values]
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
