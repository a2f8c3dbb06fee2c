public import RefluxTargets

/// What can be wrong with one record, met by a writer or found in a file.
public enum RecordFault: Equatable, Sendable, CustomStringConvertible {
  /// A token id outside the vocabulary.
  case id(UInt32, vocabulary: Int)
  /// An id that stands twice in a set, or out of order in a file.
  case notAscending(UInt32)
  /// More ids than the record has slots.
  case length(Int, capacity: Int)
  /// Another number of counts or weights than of ids.
  case unequal(ids: Int, values: Int)
  /// Counts that do not sum to the rounds of the store.
  case sum(UInt64, rounds: Int)
  /// An id that was drawn zero times.
  case zeroCount(id: UInt32)
  /// A weight that is negative, infinite or not a number.
  case weight(Float, id: UInt32)
  /// Another number of optional fields than the store has.
  case extraCount(Int, expected: Int)
  /// A weight beyond the range of its encoding.
  case weightRange(Float, id: UInt32, SampleValues)
  /// An optional field that is not finite, or negative.
  case extra(TargetScalar, Float)

  public var description: String {
    switch self {
    case .id(let id, let vocabulary): "id \(id) is outside the vocabulary of \(vocabulary)"
    case .notAscending(let id): "id \(id) stands twice or out of order"
    case .length(let found, let capacity): "\(found) ids exceed the capacity of \(capacity)"
    case .unequal(let ids, let values): "\(ids) ids come with \(values) counts or weights"
    case .sum(let found, let rounds): "the counts sum to \(found), expected \(rounds) rounds"
    case .zeroCount(let id): "id \(id) has a count of zero"
    case .weight(let weight, let id): "id \(id) has the weight \(weight), expected 0 or more"
    case .weightRange(let weight, let id, let values):
      "id \(id) has the weight \(weight), which \(values.rawValue) cannot hold; use float32"
    case .extraCount(let found, let expected):
      "\(found) optional fields were given, expected \(expected)"
    case .extra(let extra, let value):
      "\(extra.rawValue) is \(value), expected a finite number of 0 or more"
    }
  }
}
