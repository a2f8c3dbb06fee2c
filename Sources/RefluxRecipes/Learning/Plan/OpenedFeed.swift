internal import RefluxJSON
public import RefluxPipeline
internal import RefluxStorage

/// A feed whose stores are open and whose order is known, as it is looked at before a run; nothing
/// of it has been read.
public struct OpenedFeed {
  /// The windows of every step.
  public let plan: FeedPlan
  /// What was planned.
  public let configuration: FeedConfiguration
  private let stores: FeedStores

  /// Opens the stores and plans.
  ///
  /// - Parameter observer: hears of notes.
  /// - Throws: ``RecipeError`` with the store that is at fault or does not fit; `learning` and
  ///   `json` for a position that is none.
  public init(
    _ settings: FeedSettings, observer: StageObserver = .silent
  ) throws(RecipeError) {
    var stores = try FeedStores(settings.data)
    var configuration = FeedConfiguration(
      batch: settings.batch, window: settings.window ?? stores.context ?? 256,
      seed: settings.seed)
    settings.data.apply(to: &configuration, stored: stores.packing)
    try ModelInputs.requireOneTokenizer(
      stores.claims, folders: stores.folders, observer: observer)
    (configuration.ranks, configuration.rank) = (settings.ranks, settings.rank)
    configuration.position = try settings.position.map { text throws(RecipeError) in
      try Self.position(text, settings.data.name)
    }
    plan = try stores.plan(&configuration)
    (self.stores, self.configuration) = (stores, configuration)
  }

  private static func position(
    _ text: String, _ name: String
  ) throws(RecipeError) -> FeedPosition {
    let value = try naming(name) { try JSONValue(parsing: Array(text.utf8)) }
    guard let position = FeedPosition(json: value.objectValue ?? [:]) else {
      throw .learning(path: name, .noPosition)
    }
    return position
  }

  /// Steps of an epoch, or of the epochs that the mix says.
  public var steps: Int { plan.steps(epochs: stores.epochs) }

  /// Memory of the feed in bytes.
  public var memoryBytes: Int { Feed.memoryBytes(stores.sources, configuration) }

  /// Windows of each source that some steps from the first one on take.
  public func windowsTaken(steps: Int) -> [Int] {
    let first = configuration.startStep
    let (all, before) = (
      plan.windowsTaken(beforeStep: first + steps), plan.windowsTaken(beforeStep: first)
    )
    return zip(all, before).map(-)
  }

  /// The windows of the rows of a step, which is not before the position's.
  public func rows(ofStep step: Int) -> [PlanRow] {
    var rows = Array(repeating: PlanRow(), count: plan.batch)
    var cursor = plan.makeCursor()
    plan.fill(step: step, rows: &rows, &cursor)
    return rows
  }
}

extension OpenedFeed {
  /// A piece of a document in a row of a step.
  public struct Piece: Sendable, Equatable {
    /// The row of the batch.
    public var number: Int
    /// Its window.
    public var row: PlanRow
    /// The store's name.
    public var source: String
    /// The place in the window.
    public var position: Int
    /// The records of the store.
    public var records: Range<Int>
    /// The document's number; nil where the store knows none.
    public var document: Int?
    /// All records of the document.
    public var documentRecords: Range<Int>?
  }

  /// Where the data of a step, which is not before the position's, come from, row by row.
  ///
  /// - Parameter body: takes each piece, in the order of rows and places.
  /// - Throws: `store` with the one that cannot say its documents, and what `body` throws.
  public func forEachPiece(ofStep step: Int, _ body: (Piece) throws -> Void) throws {
    for (number, row) in rows(ofStep: step).enumerated() {
      let source = stores.sources[row.source]
      for piece in plan.pieces(of: row) {
        var record = piece.records.lowerBound
        while record < piece.records.upperBound {
          let document = try naming(source.name) { try source.tokens.document(of: record) }
          let end = min(piece.records.upperBound, document?.records.upperBound ?? .max)
          try body(
            Piece(
              number: number, row: row, source: source.name,
              position: piece.position + record - piece.records.lowerBound,
              records: record..<end, document: document?.number,
              documentRecords: document?.records))
          record = end
        }
      }
    }
  }
}
