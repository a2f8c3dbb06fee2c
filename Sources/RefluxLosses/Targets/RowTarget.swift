public import RefluxMemory
public import RefluxTargets

/// What one row learns from beside the student's logits.
public struct RowTarget: Sendable {
  /// y, below the vocabulary's size; nil where the loss has no use for one.
  public var label: Int?
  /// The teacher's ids of a sampled or top-K target.
  public var set: SampleSet?
  /// The teacher's logits of a dense target, or the label's row of a table of similarities over
  /// tau; overwritten.
  public var teacher: View<Float>?
  /// Numbers that were recorded beside the set.
  public var scalars: RowScalars

  /// Takes the parts as they are.
  public init(
    label: Int? = nil, set: SampleSet? = nil, teacher: View<Float>? = nil,
    scalars: RowScalars = RowScalars()
  ) {
    (self.label, self.set, self.teacher, self.scalars) = (label, set, teacher, scalars)
  }
}

/// A few ids with the teacher's weights: shares of draws, or probabilities.
public struct SampleSet: Sendable {
  /// Distinct ids below the vocabulary's size, in any order.
  public let ids: View<UInt32>
  /// t of each; finite and at least 0.
  public let weights: View<Float>

  /// Two views of one length.
  public init(ids: View<UInt32>, weights: View<Float>) {
    precondition(ids.count == weights.count, "as many weights as ids")
    (self.ids, self.weights) = (ids, weights)
  }
}

/// The sets of many rows, one after the other: set r has the places offsets[r] ..< offsets[r + 1].
public struct SampleSets: Sendable {
  /// Where each set starts, and the end of the last.
  public let offsets: View<Int32>
  /// The ids of all sets.
  public let ids: View<UInt32>
  /// The weights of all ids.
  public let weights: View<Float>

  /// Takes the parts as they are.
  public init(offsets: View<Int32>, ids: View<UInt32>, weights: View<Float>) {
    (self.offsets, self.ids, self.weights) = (offsets, ids, weights)
  }

  /// The set of a row.
  public subscript(row: Int) -> SampleSet {
    let (start, end) = (Int(offsets[row]), Int(offsets[row + 1]))
    return SampleSet(ids: ids.slice(start, end - start), weights: weights.slice(start, end - start))
  }
}

/// Numbers of a row that a cache may keep; nil where it does not.
public struct RowScalars: Sendable {
  private var values = InlineArray<5, Float>(repeating: .nan)

  /// None.
  public init() {}

  /// The value of a scalar.
  public subscript(scalar: TargetScalar) -> Double? {
    get {
      let value = values[Self.place(scalar)]
      return value.isNaN ? nil : Double(value)
    }
    set { values[Self.place(scalar)] = newValue.map { Float($0) } ?? .nan }
  }

  /// The value at a place of the order of ``TargetScalar``.
  mutating func set(_ place: Int, _ value: Float) { values[place] = value }

  static func place(_ scalar: TargetScalar) -> Int {
    switch scalar {
    case .mass: 0
    case .logsum: 1
    case .entropy: 2
    case .label: 3
    case .power: 4
    }
  }
}
