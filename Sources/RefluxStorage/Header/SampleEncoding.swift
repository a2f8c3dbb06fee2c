/// How the sets of a sample store are laid down in its blocks.
public enum SampleEncoding: String, Sendable, CaseIterable {
  /// Fixed columns, compressed with LZ4 where that pays.
  case plain
  /// A prefix code over ranks and counts, at about half the size.
  case packed
}
