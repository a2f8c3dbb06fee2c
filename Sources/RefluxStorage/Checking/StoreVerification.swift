public import RefluxBytes

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
    /// What helps beyond what the message says.
    public let remedy: Remedy?

    init(_ error: StoreError) {
      remedy = error.remedy
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
  private var log = FailureLog()

  /// What is wrong, in the order of the file: the first thousand of it.
  public var failures: [Failure] { log.first }
  /// How much is wrong in all.
  public var failureCount: Int { log.count }
  /// Whether nothing is wrong.
  public var isValid: Bool { log.count == 0 }

  mutating func add(_ error: StoreError) { log.add(error) }

  mutating func add(_ findings: BlockChecker.Findings) {
    blocks += findings.blocks
    records += findings.records
    log.add(findings.failures)
  }

  /// Takes over what was found in a shard.
  mutating func add(_ shard: StoreVerification, named name: String) {
    blocks += shard.blocks
    records += shard.records
    log.add(shard.log, in: name)
  }
}

/// What was found wrong: the first thousand of it, and how much there is in all.
///
/// A file can be wrong in a billion places; neither the memory nor a reader has room for those.
struct FailureLog: Sendable {
  static let limit = 1000
  /// The first ones, in the order of the file.
  private(set) var first: [StoreVerification.Failure] = []
  /// All of them.
  private(set) var count = 0

  mutating func add(_ error: StoreError) {
    count += 1
    if first.count < Self.limit { first.append(StoreVerification.Failure(error)) }
  }

  /// - Parameter file: the shard that the others are about; nil where they say themselves.
  mutating func add(_ others: FailureLog, in file: String? = nil) {
    count += others.count
    for var failure in others.first.prefix(Self.limit - first.count) {
      failure.file = file ?? failure.file
      first.append(failure)
    }
  }
}
