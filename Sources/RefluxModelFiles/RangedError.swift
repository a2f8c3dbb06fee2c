/// A module's error for settings out of their range and stores too short for them.
package protocol RangedError: Error {
  /// A setting's name, its value and what it should be.
  static func configuration(name: String, found: String, expected: String) -> Self
  /// Tokens of a store, and how many are needed at least.
  static func tooFewTokens(found: Int, needed: Int) -> Self
}

extension RangedError {
  /// - Throws: `configuration` where a value is out of its range.
  package static func require<Value: Comparable>(
    _ name: String, _ value: Value, _ range: ClosedRange<Value>
  ) throws(Self) {
    if !range.contains(value) {
      throw .configuration(name: name, found: "\(value)", expected: "\(range)")
    }
  }

  /// What `configuration` says.
  package static func text(name: String, found: String, expected: String) -> String {
    "\(name) is \(found), expected \(expected)"
  }

  /// What `tooFewTokens` says.
  package static func text(tokens found: Int, needed: Int) -> String {
    "holds \(found) tokens, at least \(needed) are needed; use more text or smaller windows"
  }
}
