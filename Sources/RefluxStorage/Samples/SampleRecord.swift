/// One sample set, as it was written.
public struct SampleRecord: Equatable, Sendable {
  /// The record in the store; its position is that of its token in the token store.
  public var record: Int
  /// Distinct ids in ascending order.
  public var ids: [UInt32]
  /// How often each id was drawn; empty in weighted stores.
  public var counts: [UInt32]
  /// The weight of each id; empty in counted stores.
  public var weights: [Float]
  /// The sum of the counts; in weighted stores what the provenance says.
  public var rounds: Int
  /// The optional fields of the store.
  public var extras: [SampleExtra: Float]

  /// Exactly one of `counts` and `weights` is as long as `ids`, the other is empty; not checked.
  public init(
    record: Int, ids: [UInt32], counts: [UInt32], weights: [Float], rounds: Int,
    extras: [SampleExtra: Float] = [:]
  ) {
    self.record = record
    self.ids = ids
    self.counts = counts
    self.weights = weights
    self.rounds = rounds
    self.extras = extras
  }
}
