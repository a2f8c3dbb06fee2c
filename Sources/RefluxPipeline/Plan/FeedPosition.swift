internal import RefluxBytes
public import RefluxJSON

/// Where a run is in its plan: all that has to be kept to resume, on any number of ranks.
public struct FeedPosition: Equatable, Sendable {
  /// Steps done.
  public var step: Int
  /// Steps of the plan that are done or were left out.
  public var dataStep: Int
  /// The epoch of the next window; 0 where several stores are blended, each with epochs of its own.
  public var epoch: Int
  /// Windows taken before the next one in this epoch, or of all stores since the start.
  public var window: Int
  /// What names the plan: stores, windows, order and shares, not the number of ranks.
  public var plan: UInt64

  /// A position as it was kept; a plan checks it.
  public init(step: Int, dataStep: Int, epoch: Int, window: Int, plan: UInt64) {
    self.step = step
    self.dataStep = dataStep
    self.epoch = epoch
    self.window = window
    self.plan = plan
  }
}

extension FeedPosition {
  /// One object: `step`, `data_step`, `epoch`, `window`, and `plan` as 16 hexadecimal digits.
  public var json: JSONObject {
    [
      "step": .integer(step), "data_step": .integer(dataStep), "epoch": .integer(epoch),
      "window": .integer(window), "plan": .string(hexadecimal(plan)),
    ]
  }

  /// The position of an object as `json` gives it; nil where a member is missing or no such number.
  public init?(json object: JSONObject) {
    guard let step = object["step"]?.integerValue, let dataStep = object["data_step"]?.integerValue,
      let epoch = object["epoch"]?.integerValue, let window = object["window"]?.integerValue,
      let plan = object["plan"]?.stringValue.flatMap({ UInt64($0, radix: 16) })
    else { return nil }
    self.init(step: step, dataStep: dataStep, epoch: epoch, window: window, plan: plan)
  }
}
