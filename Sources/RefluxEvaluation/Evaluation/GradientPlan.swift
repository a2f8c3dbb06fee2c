public import RefluxSampling

/// What a comparison of gradients looks at.
public struct GradientPlan: Sendable {
  /// Windows of a batch.
  public var sizes: [Int]
  /// Targets that are drawn from the teacher.
  public var drawn: [SamplerConfiguration]

  /// Takes the values as they are; ``GradientComparison`` checks them.
  public init(sizes: [Int], drawn: [SamplerConfiguration]) {
    self.sizes = sizes
    self.drawn = drawn
  }
}
