public import RefluxReport

/// What a quickstart ends with.
public struct QuickstartResults: Sendable {
  /// One row per model, the teacher first.
  public var rows: [MethodRow]
  /// The table for a terminal.
  public var table: String
  /// The same as Markdown.
  public var markdown: String
  /// What the table comes to, and what the sizes leave out: sentences.
  public var remarks: [String]
  /// Path of the written page.
  public var reportPath: String
}
