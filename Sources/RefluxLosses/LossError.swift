/// What is wrong with a target or an option: a caller's error, found before any write.
public enum LossError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The label, or an id at a place of the set, is not below the vocabulary's size.
  case label(Int, vocabularySize: Int)
  case id(UInt32, place: Int, vocabularySize: Int)
  /// The ids are not strictly ascending at a place: a duplicate, or out of order.
  case order(place: Int)
  /// A count of 0 at a place.
  case noCount(place: Int)
  /// The counts do not add up to the rounds.
  case rounds(Int, sumOfCounts: Int)
  /// A weight at a place is negative, infinite or NaN.
  case weight(Float, place: Int)
  /// The kept mass exceeds 1 where the remaining mass is to be given to others.
  case mass(Double)
  /// Two views that belong together differ in length.
  case length(Int, expected: Int)
  /// A label is needed: to mix with, or to take the remaining mass.
  case noLabel
  /// No row loss of this objective from targets of this kind.
  case objective(String, String)
  /// An option is out of range.
  case option(String, Double)

  public var description: String {
    switch self {
    case .label(let label, let size): "label \(label) is not below the vocabulary's size \(size)"
    case .id(let id, let place, let size):
      "id \(id) at place \(place) is not below the vocabulary's size \(size)"
    case .order(let place): "ids do not ascend at place \(place); sort them and merge duplicates"
    case .noCount(let place): "the count at place \(place) is 0; leave such ids out"
    case .rounds(let rounds, let sum): "counts add up to \(sum), not to the \(rounds) rounds"
    case .weight(let weight, let place):
      "the weight at place \(place) is \(weight); expected a finite number of at least 0"
    case .mass(let mass): "the set's mass \(mass) exceeds 1, so no mass remains; renormalise it"
    case .length(let found, let expected): "\(found) elements where \(expected) are needed"
    case .noLabel: "this loss needs a label"
    case .objective(let name, let kind): "no loss of rows for the objective '\(name)' from '\(kind)'"
    case .option(let name, let value): "option \(name) is \(value), out of its range"
    }
  }
}
