/// The data of one step.
///
/// Row b of B windows, position i of L: element r = b L + i of `tokens` and `labels`; its sample
/// set is the elements `offsets[r]` to `offsets[r + 1]` - 1 of `ids` and `weights`. Copying a batch
/// shares memory with the feed until the feed writes the slot again, which then costs an
/// allocation.
public struct Batch: Sendable {
  /// The number of the step, from 0 over all epochs.
  public internal(set) var step = 0
  /// The most ids of a sample set; 0 without samples.
  public let sampleCapacity: Int

  var windowStorage: [Int]
  var tokenStorage: [UInt32]
  var labelStorage: [UInt32]
  var offsetStorage: [Int32]
  var idStorage: [UInt32]
  var weightStorage: [Float]

  init(plan: FeedPlan, sampleCapacity: Int?) {
    let tokens = plan.batch * plan.window
    let sets = sampleCapacity == nil ? 0 : tokens
    self.sampleCapacity = sampleCapacity ?? 0
    windowStorage = Array(repeating: 0, count: plan.batch)
    tokenStorage = Array(repeating: 0, count: tokens)
    labelStorage = Array(repeating: 0, count: tokens)
    offsetStorage = Array(repeating: 0, count: sampleCapacity == nil ? 0 : sets + 1)
    idStorage = Array(repeating: 0, count: sets * self.sampleCapacity)
    weightStorage = Array(repeating: 0, count: sets * self.sampleCapacity)
  }

  /// The store's window in each row. [B]
  public var windowIndices: Span<Int> {
    @_lifetime(borrow self)
    get { windowStorage.span }
  }

  /// Token ids. [B L]
  public var tokens: Span<UInt32> {
    @_lifetime(borrow self)
    get { tokenStorage.span }
  }

  /// The id that follows each token in the store. [B L]
  public var labels: Span<UInt32> {
    @_lifetime(borrow self)
    get { labelStorage.span }
  }

  /// Where each position's sample set starts, and the end of the last; empty without samples.
  /// [B L + 1]
  public var offsets: Span<Int32> {
    @_lifetime(borrow self)
    get { offsetStorage.span }
  }

  /// Ids of the sample sets, one after the other, in no order within a set; what follows the last
  /// set means nothing. [B L sampleCapacity]
  public var ids: Span<UInt32> {
    @_lifetime(borrow self)
    get { idStorage.span }
  }

  /// Target values of `ids`: count / rounds, or the stored weights. [B L sampleCapacity]
  public var weights: Span<Float> {
    @_lifetime(borrow self)
    get { weightStorage.span }
  }
}
