internal import RefluxMemory
internal import RefluxRandom

extension RandomStream {
  /// The next number of the exponential distribution with mean 1; uses one word.
  mutating func nextExponential() -> Double {
    // 1 - u lies in (0, 1], whose logarithm is finite.
    -log(1 - nextUniform())
  }

  /// The next number of the gamma distribution of a whole shape: the sum of as many exponential
  /// variables, times `scale`. Uses `shape` words.
  mutating func nextGamma(shape: Int, scale: Double) -> Double {
    var sum = 0.0
    for _ in 0..<shape { sum += nextExponential() }
    return sum * scale
  }
}
