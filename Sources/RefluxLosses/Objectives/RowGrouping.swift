/// Which rows a value depends on together.
public enum RowGrouping: String, Sendable, CaseIterable {
  /// Each row stands for itself.
  case none
  /// All rows of a window.
  case window
  /// As many consecutive rows as the option `group` says.
  case group
}
