internal import RefluxBytes
public import RefluxJSON

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
