/// What one record of a store is (SPEC.md, section 3.1).
public enum RecordKind: UInt8, Sendable, CustomStringConvertible {
  /// One token id per record.
  case tokens = 1
  /// One sample set per record: the teacher's draws for one token position.
  case samples = 2

  public var description: String {
    switch self {
    case .tokens: "tokens"
    case .samples: "samples"
    }
  }
}
