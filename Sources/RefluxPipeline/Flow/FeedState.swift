internal import RefluxBytes
public import RefluxJSON

/// What a feed and its lanes are doing: small, and printable as JSON.
public struct FeedState: Sendable, Equatable, CustomStringConvertible {
  /// What one lane is doing.
  public struct Lane: Sendable, Equatable {
    /// In words: "reading samples".
    public let activity: String
    /// The step it is at; -1 before the first.
    public let step: Int
    /// The row it is at, -1 for none.
    public let row: Int
  }

  /// Where the consumer is in the plan.
  public let position: FeedPosition
  /// Batches that are ready.
  public let readyBatches: Int
  /// Slots of the ring.
  public let slots: Int
  /// Windows with damaged blocks that were skipped.
  public let skippedWindows: Int
  /// Every lane.
  public let lanes: [Lane]

  /// ``json`` on one line.
  public var description: String {
    String(decoding: JSONValue.object(json).encoded(), as: UTF8.self)
  }

  /// One object; the plan as 16 hexadecimal digits.
  public var json: JSONObject {
    [
      "step": .integer(position.step), "data_step": .integer(position.dataStep),
      "epoch": .integer(position.epoch), "window": .integer(position.window),
      "plan": .string(hexadecimal(position.plan)), "ready_batches": .integer(readyBatches),
      "slots": .integer(slots), "skipped_windows": .integer(skippedWindows),
      "lanes": .array(
        lanes.map { lane in
          .object([
            "activity": .string(lane.activity), "step": .integer(lane.step),
            "row": .integer(lane.row),
          ])
        }),
    ]
  }
}
