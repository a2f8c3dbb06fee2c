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
