/// The outcome of checking every byte and every rule of a store.
public struct StoreVerification: Sendable {
  /// One thing that is wrong.
  public struct Failure: Equatable, Sendable {
    /// The shard of a folder that it is in; nil in stores of one file.
    public internal(set) var file: String?
    /// The block it is in; nil for header, index, trailer and alignment.
    public let block: Int?
    /// Where the block or part starts in the file, in bytes.
    public let offset: Int
    /// One clause, without the path.
    public let message: String

    init(_ error: StoreError) {
      switch error {
      case .damaged(.block(let number), let offset, let fault):
        (block, self.offset, message) = (number, offset, "\(fault)")
      case .damaged(_, let offset, _): (block, self.offset, message) = (nil, offset, "\(error)")
      default: (block, offset, message) = (nil, 0, "\(error)")
      }
    }
  }

  /// Blocks that were checked, good and bad.
  public internal(set) var blocks = 0
  /// Records in the good blocks.
  public internal(set) var records = 0
  /// Everything that is wrong, in the order of the file.
  public internal(set) var failures: [Failure] = []

  /// Whether nothing is wrong.
  public var isValid: Bool { failures.isEmpty }

  mutating func add(_ error: StoreError) { failures.append(Failure(error)) }

  mutating func add(_ findings: BlockChecker.Findings) {
    blocks += findings.blocks
    records += findings.records
    failures += findings.failures
  }
}
