/// A number of the teacher's whole distribution that a store may keep beside each set.
public enum SampleExtra: String, Sendable, CaseIterable {
  /// The probability of all ids of the set together.
  case mass
  /// The logarithm of the sum of the exponentials of the logits.
  case logsum
  /// The entropy in nats.
  case entropy
  /// The probability of the token that follows.
  case label

  var field: StoreField { StoreField(name: rawValue, width: 4, element: .float, count: 1) }

  /// Whether `value` is one that a store takes.
  func accepts(_ value: Float) -> Bool {
    value.isFinite && (self == .logsum || value.sign == .plus)
  }
}
