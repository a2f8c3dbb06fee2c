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
