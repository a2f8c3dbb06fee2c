/// What a lane does for a batch, and what the consumer waits for.
public enum FeedStage: String, CaseIterable, Sendable {
  /// A lane waits for a slot that the consumer has done with.
  case slot
  /// Blocks are found, brought in and checked.
  case read
  /// Blocks are decompressed and unpacked, in place where all of one is wanted.
  case decompress
  /// Ids are widened and copied.
  case gather
  /// The consumer waits for a batch.
  case wait
}
