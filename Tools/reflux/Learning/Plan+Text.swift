import RefluxBytes
import RefluxJSON
import RefluxPipeline

/// The plan in words; scripts read the same figures under their keys.
extension PlanVerb {
  /// `353 of 4,096 tokens = 0.998 epochs`; of several stores each has epochs of its own.
  static func steps(_ count: Int, of plan: FeedPlan) -> String {
    let size = Quantity.grouped(plan.windowsPerStep * plan.window)
    let text = "\(Quantity.grouped(count)) of \(size) tokens"
    if plan.sources.count > 1 { return text }
    return text + " = " + epochs(count * plan.windowsPerStep, of: 0, in: plan)
  }

  /// `5,648 windows = 1,445,888 tokens = 0.998 epochs`.
  static func share(_ windows: Int, of source: Int, in plan: FeedPlan) -> String {
    "\(Quantity.grouped(windows)) windows = \(Quantity.grouped(windows * plan.window)) tokens = "
      + epochs(windows, of: source, in: plan)
  }

  /// `windows are moved 1.01 times as far as by a random order, ...`.
  static func shuffle(_ quality: ShuffleQuality) -> String {
    "windows are moved \(Quantity.fixed(quality.displacement, places: 2)) times as far as by a"
      + " random order, \(Quantity.fixed(quality.neighbourPercent, places: 1))% more of them than"
      + " by chance follow a neighbour"
  }

  private static func epochs(_ windows: Int, of source: Int, in plan: FeedPlan) -> String {
    Quantity.decimal(Double(windows) / Double(plan.windowCounts[source])) + " epochs"
  }
}
