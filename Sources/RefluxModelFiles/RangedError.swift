/// A module's error for settings out of their range.
package protocol RangedError: Error {
  /// A setting's name, its value and what it should be.
  static func configuration(name: String, found: String, expected: String) -> Self
}

extension RangedError {
  /// Throws `configuration` where a value is out of its range.
  package static func require<Value: Comparable>(
    _ name: String, _ value: Value, _ range: ClosedRange<Value>
  ) throws(Self) {
    if !range.contains(value) {
      throw .configuration(name: name, found: "\(value)", expected: "\(range)")
    }
  }
}
