extension Reflux {
  /// The version of this command.
  static let version = "0.1.0"

  /// What stores say wrote them.
  static var software: String { "reflux \(version)" }
}
