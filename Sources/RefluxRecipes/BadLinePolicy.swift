/// What becomes of a line that should be a JSON object with a text and is not quite.
public enum BadLinePolicy: String, Sendable, CaseIterable {
  /// The line ends the work.
  case stop
  /// The line is left out and counted.
  case skip
  /// Lone surrogates and bytes that are no UTF-8 become U+FFFD, and the line is counted; lines
  /// without a text are left out as with ``skip``.
  case replace
}

/// Lines that were not taken as they are.
public struct LineCounts: Equatable, Sendable {
  /// Left out.
  public var skipped = 0
  /// Taken with U+FFFD in place of what is no text.
  public var repaired = 0

  /// None.
  public init() {}

  /// Adds those of another part.
  public static func += (sum: inout LineCounts, other: LineCounts) {
    sum.skipped += other.skipped
    sum.repaired += other.repaired
  }
}
