/// What one record of a store is (SPEC.md, section 3.1).
public enum RecordKind: UInt8, Sendable, CustomStringConvertible {
  /// One token id per record.
  case tokens = 1
  /// One sample set per record: the teacher's draws for one token position.
  case samples = 2

  /// The kind of the store that a file begins to be; nil where `start` is the beginning of no store
  /// or too short to tell.
  public init?(fileStart start: [UInt8]) {
    // SPEC.md, section 3: the magic, the version, the kind.
    guard start.count > 10, start.starts(with: StoreLimits.magic) else { return nil }
    self.init(rawValue: start[10])
  }

  public var description: String {
    switch self {
    case .tokens: "tokens"
    case .samples: "samples"
    }
  }
}
