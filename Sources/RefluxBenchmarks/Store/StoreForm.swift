/// How a benchmark writes a store.
struct StoreForm: Equatable, Sendable {
  /// How sets become bytes: `plain`, fixed columns.
  let encoding: String
  /// How hard the compressor tries: `default`.
  let level: String

  /// Every form that a sample store can have.
  static let all = [StoreForm(encoding: "plain", level: "default")]

  /// The form as a part of a file's name.
  var name: String { encoding + "-" + level }
  /// Whether this is what a writer does unless it is told otherwise.
  var isDefaultLevel: Bool { level == "default" }
}
