/// One labelled fact of a run, printed as it is: `("teacher", "4.9 M parameters")`.
public struct Fact: Equatable, Sendable {
  /// What the fact is about, in a few words.
  public var label: String
  /// The fact, with its unit.
  public var value: String

  /// Makes a fact of two texts.
  public init(_ label: String, _ value: String) {
    self.label = label
    self.value = value
  }
}
