/// How a store is cut into windows.
public enum Packing: String, Sendable, CaseIterable {
  /// Window w is the tokens w L ..< (w + 1) L, whatever documents they belong to.
  case windows
  /// The same windows, but each document in them stands for itself: positions begin anew, and the
  /// label after its last token does not count.
  case documents
  /// Documents of up to L - 1 tokens whole, longer ones in pieces of L, as few windows as a best
  /// fit of the longest first needs; what is left of a window is filling that does not count.
  case bestFit = "best-fit"

  /// Whether batches say which document each position belongs to.
  public var marksDocuments: Bool { self != .windows }
}
