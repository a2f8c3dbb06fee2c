public import RefluxMemory
public import RefluxTargets

/// What the rows of a batch learn from, and what each of them counts.
public struct BatchTargets: Sendable {
  /// y of each row.
  public var labels: View<UInt32>
  /// w of each row, at least 0; 0 for an ignored one, whose target is not looked at.
  public var weights: View<Float>
  /// Alpha of each row, 0...1; not a number takes the options'.
  public var alphas: View<Float>?
  /// The teacher's sets; nil without.
  public var sets: SampleSets?
  private var scalars: InlineArray<5, View<Float>?>

  /// Takes the parts as they are; ``BatchLoss/check(_:)`` looks at them.
  public init(
    labels: View<UInt32>, weights: View<Float>, alphas: View<Float>? = nil,
    sets: SampleSets? = nil
  ) {
    (self.labels, self.weights, self.alphas, self.sets) = (labels, weights, alphas, sets)
    scalars = InlineArray(repeating: nil)
  }

  /// What was recorded of each row beside its set; nil where it was not.
  public subscript(scalar: TargetScalar) -> View<Float>? {
    get { scalars[RowScalars.place(scalar)] }
    set { scalars[RowScalars.place(scalar)] = newValue }
  }

  /// The row's target, with its teacher's logits where there are any.
  func row(_ row: Int, teacher: View<Float>?) -> RowTarget {
    var target = RowTarget(label: Int(labels[row]), set: sets?[row], teacher: teacher)
    for place in scalars.indices {
      if let values = scalars[place] { target.scalars.set(place, values[row]) }
    }
    return target
  }

  /// Alpha of a row, nil where the options say it.
  func alpha(_ row: Int) -> Double? {
    guard let value = alphas?[row], !value.isNaN else { return nil }
    return Double(value)
  }
}
