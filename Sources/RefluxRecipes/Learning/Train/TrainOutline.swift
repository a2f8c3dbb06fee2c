internal import RefluxKernels
public import RefluxMemory
public import RefluxModel
public import RefluxPipeline
public import RefluxTraining

/// What a training is, before its first step.
public struct TrainOutline: Sendable {
  /// The student, as it was named.
  public let name: String
  /// The configuration, with everything decided.
  public let configuration: TrainingConfiguration
  /// The student's sizes.
  public let student: DecoderConfiguration
  /// The windows of every batch.
  public let plan: FeedPlan
  /// Operands of products.
  public let precision: Precision
  /// Threads that compute.
  public let threads: Int
  /// What each part takes at its peak.
  public let memory: [(part: String, need: MemoryNeed)]

  /// Tokens of all steps.
  public var tokens: Int {
    configuration.steps * configuration.accumulation * configuration.batch * configuration.window
  }

  /// Bytes of all parts.
  public var memoryBytes: Int { memory.reduce(0) { $0 + $1.need.bytes } }

  /// How often each store is gone through.
  public var epochs: [Double] {
    let taken = plan.windowsTaken(
      beforeStep: configuration.accumulation * configuration.steps)
    return zip(taken, plan.windowCounts).map { Double($0) / Double($1) }
  }
}

/// What a training comes to, without one.
public struct TrainForecast: Sendable {
  /// What it is.
  public let outline: TrainOutline
  /// The memory that it lacks here; nil where it fits.
  public let lack: RecipeError?
  /// How long it takes; nil where it does not fit.
  public let timing: TrainTiming?
}

/// What a training reports as it goes.
public enum TrainingRow: Sendable {
  /// What it is, before its first step; not where all steps are done.
  case outline(TrainOutline)
  /// A logged step.
  case step(MetricsRow)
}
