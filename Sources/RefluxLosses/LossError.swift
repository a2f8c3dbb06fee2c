/// What is wrong with a target or an option: a caller's error, found before any write.
public enum LossError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The label, or an id at a place of the set, is not below the vocabulary's size.
  case label(Int, vocabularySize: Int)
  case id(UInt32, place: Int, vocabularySize: Int)
  /// A weight at a place is negative, infinite or NaN.
  case weight(Float, place: Int)
  /// The kept mass exceeds 1 where the remaining mass is to be given to others.
  case mass(Double)
  /// The head of the teacher's mass does not end in the set.
  case head(mass: Double, mu: Double)
  /// The loss is infinite: the student has mass where the teacher has none.
  case infinite
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
    case .weight(let weight, let place):
      "the weight at place \(place) is \(weight); expected a finite number of at least 0"
    case .mass(let mass): "the set's mass \(mass) exceeds 1, so no mass remains; renormalise it"
    case .head(let mass, let mu):
      "the set holds \(shown(mass)) of the teacher's mass, less than mu \(shown(mu)), so the head"
        + " does not end in it; cache more ids"
    case .infinite:
      "the loss is infinite where the teacher's probability is 0; use tail=bucket, or 'jsd'"
    case .length(let found, let expected): "\(found) elements where \(expected) are needed"
    case .noLabel: "this loss needs a label"
    case .objective(let name, let kind):
      "no loss of rows for the objective '\(name)' from '\(kind)'"
    case .option(let name, let value): "option \(name) is \(value), out of its range"
    }
  }
}

/// With at most six digits after the point.
private func shown(_ value: Double) -> String {
  OptionValue.number((value * 1e6).rounded() / 1e6).description
}
