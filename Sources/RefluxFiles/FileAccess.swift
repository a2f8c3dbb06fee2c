/// How a mapped file is going to be read.
public enum FileAccess: Sendable {
  /// Nothing is known: the system reads a little ahead.
  case ordinary
  /// From the front to the back: the system reads far ahead.
  case sequential
  /// Here and there: the system brings in only what is touched.
  case random
}
