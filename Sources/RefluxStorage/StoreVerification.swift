/// The outcome of checking every byte and every rule of a store.
public struct StoreVerification: Sendable {
  /// One thing that is wrong.
  public struct Failure: Equatable, Sendable {
    /// The block it is in; nil for header, index, trailer and alignment.
    public let block: Int?
    /// Where the block or part starts in the file, in bytes.
    public let offset: Int
    /// One clause, without the path.
    public let message: String
  }

  /// Blocks that were checked, good and bad.
  public internal(set) var blocks = 0
  /// Records in the good blocks.
  public internal(set) var records = 0
  /// Everything that is wrong, in the order of the file.
  public internal(set) var failures: [Failure] = []

  /// Whether nothing is wrong.
  public var isValid: Bool { failures.isEmpty }

  mutating func add(_ error: StoreError) {
    switch error {
    case .damaged(.block(let number), let offset, let fault):
      add(fault, block: number, offset: offset)
    case .damaged(_, let offset, _):
      failures.append(Failure(block: nil, offset: offset, message: "\(error)"))
    default:
      failures.append(Failure(block: nil, offset: 0, message: "\(error)"))
    }
  }

  mutating func add(_ fault: StoreFault, block: Int, offset: Int) {
    failures.append(Failure(block: block, offset: offset, message: "\(fault)"))
  }
}
