/// What a page shows, which stands in its mark: a page is drawn over one of its own kind only.
public enum PageKind: String, Sendable, CaseIterable {
  /// What a store is made of.
  case store
  /// Figures of one model.
  case evaluation
  /// Runs of training side by side.
  case runs
  /// The quickstart's figures.
  case quickstart

  /// The markup that only pages of this kind have, within the first kilobyte.
  public var mark: String { #"<meta name="generator" content="reflux \#(rawValue)"/>"# }
}
