/// Everything that decides the course of a training run.
public struct TrainingConfiguration: Sendable, Equatable {
  /// The loss, and with it the data that the run needs.
  public var objective: Objective
  /// Windows per step.
  public var batch: Int
  /// Tokens per window; sample sets must have been made with this context.
  public var window: Int
  /// Updates of the weights in all, those before a checkpoint included.
  public var steps: Int
  /// Largest learning rate, reached at the end of the warm-up. 0...100.
  public var peakRate: Double
  /// Steps of linear warm-up, at most `steps`.
  public var warmupSteps: Int
  /// Learning rate of the last step as a share of the peak, 0...1.
  public var floorShare: Double
  /// Matrices shrink by rate * `weightDecay` of themselves per step; gains do not. 0...10.
  public var weightDecay: Float
  /// Largest norm of the gradient; 0 leaves it as it is.
  public var clipNorm: Float
  /// Seed of the order of windows.
  public var seed: UInt64
  /// Whether windows come in a new order every epoch, or as in the store.
  public var shuffled: Bool
  /// Steps from one checkpoint to the next; 0 writes one only at the end or when interrupted.
  public var checkpointSteps: Int
  /// Whether a window with a damaged block is skipped and counted, in place of ending the run.
  public var skipsDamage = false

  /// Takes the values as they are; ``validate()`` checks them, and so does every trainer.
  public init(
    objective: Objective, batch: Int = 16, window: Int = 256, steps: Int,
    peakRate: Double = 3e-3, warmupSteps: Int = 50, floorShare: Double = 0.1,
    weightDecay: Float = 0.1, clipNorm: Float = 1, seed: UInt64 = 0, shuffled: Bool = true,
    checkpointSteps: Int = 0
  ) {
    self.objective = objective
    self.batch = batch
    self.window = window
    self.steps = steps
    self.peakRate = peakRate
    self.warmupSteps = warmupSteps
    self.floorShare = floorShare
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.seed = seed
    self.shuffled = shuffled
    self.checkpointSteps = checkpointSteps
  }

  /// Throws ``TrainingError/configuration(name:found:expected:)`` for the first value out of range.
  public func validate() throws(TrainingError) {
    try Self.require("batch", batch, 1...65_536)
    try Self.require("window", window, 1...(1 << 20))
    try Self.require("tokens per step", batch * window, 1...(1 << 24))
    try Self.require("steps", steps, 1...(1 << 32))
    try Self.require("warm-up steps", warmupSteps, 0...steps)
    try Self.require("checkpoint steps", checkpointSteps, 0...Int.max)
    try Self.require("learning rate", peakRate, 0...100)
    try Self.require("floor share", floorShare, 0...1)
    try Self.require("weight decay", Double(weightDecay), 0...10)
    try Self.require("clip norm", Double(clipNorm), 0...1e9)
  }

  var schedule: LearningRateSchedule {
    LearningRateSchedule(
      peak: peakRate, warmupSteps: warmupSteps, steps: steps, floorShare: floorShare)
  }

  /// One line that two runs share exactly when one may go on where the other stopped.
  var identity: String {
    "\(objective.rawValue) batch=\(batch) window=\(window) steps=\(steps) rate=\(peakRate)"
      + " warmup=\(warmupSteps) floor=\(floorShare) decay=\(weightDecay) clip=\(clipNorm)"
      + " seed=\(seed) order=\(shuffled ? "shuffled" : "sequential")"
  }

  static func require<Value: Comparable>(
    _ name: String, _ value: Value, _ range: ClosedRange<Value>
  ) throws(TrainingError) {
    if !range.contains(value) {
      throw .configuration(name: name, found: "\(value)", expected: "\(range)")
    }
  }
}
