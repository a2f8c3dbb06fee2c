/// What comes with the ids of a sample set.
public enum SampleValues: String, Sendable, CaseIterable {
  /// How often each id was drawn: exact integers that sum to the rounds.
  case counts
  /// A weight as a 32-bit float, exact.
  case float32
  /// A weight as a 16-bit float: relative error at most 2^-11.
  case float16
  /// A weight up to 1 in 8 bits on a logarithmic scale: relative error at most 2.2 %.
  case logarithm8

  /// The largest error of a stored weight, relative to the one that was given.
  public var relativeError: Double {
    switch self {
    case .counts, .float32: 0
    case .float16: 0x1p-11
    // Half a step of a sixteenth of an octave.
    case .logarithm8: 0.021_9
    }
  }

  /// The largest error of a stored weight that is too small for the relative one.
  public var absoluteError: Double {
    switch self {
    case .counts, .float32: 0
    case .float16: 0x1p-25
    // The smallest weight, 2^(-254 / 16), stands for all from its half on.
    case .logarithm8: 8.4e-6
    }
  }

  /// Whether sets carry weights instead of counts.
  public var isWeighted: Bool { self != .counts }

  /// The field that holds `capacity` of them.
  func field(capacity: Int, rounds: Int) -> StoreField {
    switch self {
    case .counts:
      StoreField(
        name: "counts", width: StoreSchema.countWidth(rounds), element: .integer, count: capacity)
    case .float32: StoreField(name: "weights", width: 4, element: .float, count: capacity)
    case .float16: StoreField(name: "weights", width: 2, element: .float, count: capacity)
    case .logarithm8: StoreField(name: "weights", width: 1, element: .logarithm, count: capacity)
    }
  }

  /// What a field of the schema holds; nil for a field that is none of these.
  init?(_ field: StoreField) {
    switch (field.name, field.element, field.width) {
    case ("counts", .integer, _): self = .counts
    case ("weights", .float, 4): self = .float32
    case ("weights", .float, 2): self = .float16
    case ("weights", .logarithm, 1): self = .logarithm8
    default: return nil
    }
  }
}
