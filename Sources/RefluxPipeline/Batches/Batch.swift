public import RefluxTargets

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
  /// Rows whose own window has a damaged block: they hold another window of the batch and have a
  /// weight of 0.
  public internal(set) var skippedRows = 0
  /// The last of these rows' faults.
  public internal(set) var skippedFault: FeedError?

  var rowStorage: [PlanRow]
  var windowStorage: [Int]
  var rowWeightStorage: [Float]
  var alphaStorage: [Float]
  var tokenStorage: [UInt32]
  var labelStorage: [UInt32]
  var positionStorage: [UInt32]
  var documentStorage: [UInt32]
  var lossWeightStorage: [Float]
  var offsetStorage: [Int32]
  var idStorage: [UInt32]
  var weightStorage: [Float]
  /// The scalars asked for, and their columns one after the other.
  let scalarNames: [TargetScalar]
  var scalarStorage: [Float]
  /// Nanoseconds of each stage, in the order of `FeedStage`.
  var stageNanoseconds: [UInt64]

  /// - Parameters:
  ///   - scalars: what comes beside the sets, each once.
  ///   - weighsTokens: whether a window may be short, or tokens have weights of their own.
  init(
    batch: Int, window: Int, sampleCapacity: Int?, scalars: [TargetScalar] = [],
    marksDocuments: Bool, weighsTokens: Bool = false
  ) {
    let tokens = batch * window
    let sets = sampleCapacity == nil ? 0 : tokens
    let marks = marksDocuments ? tokens : 0
    self.sampleCapacity = sampleCapacity ?? 0
    rowStorage = Array(repeating: PlanRow(), count: batch)
    windowStorage = Array(repeating: 0, count: batch)
    rowWeightStorage = Array(repeating: 1, count: batch)
    alphaStorage = Array(repeating: .nan, count: batch)
    tokenStorage = Array(repeating: 0, count: tokens)
    labelStorage = Array(repeating: 0, count: tokens)
    positionStorage = Array(repeating: 0, count: marks)
    documentStorage = Array(repeating: 0, count: marks)
    lossWeightStorage = Array(repeating: 0, count: weighsTokens ? tokens : marks)
    offsetStorage = Array(repeating: 0, count: sampleCapacity == nil ? 0 : sets + 1)
    // Most sets are far from full: pages that none reaches are never touched.
    idStorage = Self.untouched(sets * self.sampleCapacity)
    weightStorage = Self.untouched(sets * self.sampleCapacity)
    scalarNames = scalars
    scalarStorage = Array(repeating: 0, count: tokens * scalars.count)
    stageNanoseconds = Array(repeating: 0, count: FeedStage.allCases.count)
  }

  /// Numbers that were not written yet.
  private static func untouched<Number: BitwiseCopyable>(_ count: Int) -> [Number] {
    // An array without room is the one that all threads share: its count must not be written.
    if count == 0 { return [] }
    return unsafe Array(unsafeUninitializedCapacity: count) { _, initialized in
      initialized = count
    }
  }

  /// Bytes of the memory of a batch.
  static func bytes(
    batch: Int, window: Int, sampleCapacity: Int?, scalars: Int = 0, marksDocuments: Bool,
    weighsTokens: Bool = false
  ) -> Int {
    let tokens = batch * window
    let sets = sampleCapacity.map { 4 * (tokens + 1) + 8 * tokens * $0 } ?? 0
    let rows = batch * (MemoryLayout<PlanRow>.stride + 16)
    let columns = marksDocuments ? 12 * tokens : weighsTokens ? 4 * tokens : 0
    return (8 + 4 * scalars) * tokens + sets + columns + rows
  }

  /// What each row was made from. [B]
  public var rows: Span<PlanRow> {
    @_lifetime(borrow self)
    get { rowStorage.span }
  }

  /// The store's window in each row. [B]
  public var windowIndices: Span<Int> {
    @_lifetime(borrow self)
    get { windowStorage.span }
  }

  /// What the loss of each row counts: its store's token weight, 0 for skipped rows. [B]
  public var rowWeights: Span<Float> {
    @_lifetime(borrow self)
    get { rowWeightStorage.span }
  }

  /// The target's share alpha in the loss of each row, alpha * KD + (1 - alpha) * CE; not a number
  /// where its store leaves that to the trainer. [B]
  public var alphas: Span<Float> {
    @_lifetime(borrow self)
    get { alphaStorage.span }
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

  /// The position of each token in its document, or in what its window holds of it; empty where
  /// documents are not marked. [B L]
  public var positions: Span<UInt32> {
    @_lifetime(borrow self)
    get { positionStorage.span }
  }

  /// The document of each token, numbered from 0 within the row; filling counts as one more.
  /// Attention must not look from one to another. Empty where documents are not marked. [B L]
  public var documents: Span<UInt32> {
    @_lifetime(borrow self)
    get { documentStorage.span }
  }

  /// What the loss of each position counts: the weight of its row times that of its token, 0 where
  /// the label belongs to another document or to filling. Empty where documents are not marked,
  /// tokens have no weights and no window can be short. [B L]
  public var lossWeights: Span<Float> {
    @_lifetime(borrow self)
    get { lossWeightStorage.span }
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

  /// A number of each position's whole distribution, 0 in filling; empty unless the configuration
  /// asks for it. [B L]
  @_lifetime(borrow self)
  public func scalars(_ scalar: TargetScalar) -> Span<Float> {
    let places = places(of: scalar)
    return scalarStorage.span.extracting(places)
  }

  /// Where the column of a scalar is.
  func places(of scalar: TargetScalar) -> Range<Int> {
    guard let column = scalarNames.firstIndex(of: scalar) else { return 0..<0 }
    return column * tokenStorage.count..<(column + 1) * tokenStorage.count
  }
}

/// One batch's place in the ring.
///
/// Its memory is taken when a lane first fills it: a feed does not wait for the others before its
/// first batch.
final class Slot: @unchecked Sendable {
  // Safe because: the ring hands a slot to one party at a time, a lane or the consumer, and the
  // handing over goes through its lock.
  var batch: Batch
  private var isMade = false

  /// A slot without memory.
  init() {
    batch = Batch(batch: 0, window: 0, sampleCapacity: nil, marksDocuments: false)
  }

  /// Takes the memory of a batch, once.
  func prepare(_ make: () -> Batch) {
    if isMade { return }
    batch = make()
    isMade = true
  }
}
