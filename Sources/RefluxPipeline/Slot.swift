/// One batch's place in the ring.
final class Slot: @unchecked Sendable {
  // Safe because: the ring hands a slot to one party at a time, a lane or the consumer, and the
  // handing over goes through its lock.
  var batch: Batch

  init(_ batch: Batch) { self.batch = batch }
}
