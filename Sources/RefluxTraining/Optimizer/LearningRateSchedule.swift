internal import RefluxMemory

/// Linear warm-up to a peak, then half a cosine down to a floor; or, with ``decaySteps``, the peak
/// until the last steps, which go down to the floor in a line (warm-up, stable, decay).
public struct LearningRateSchedule: Sendable, Equatable {
  /// The largest rate.
  public var peak: Double
  /// Steps of the warm-up; the peak is reached at step `warmupSteps` - 1.
  public var warmupSteps: Int
  /// Steps in all; the floor is reached at the last one.
  public var steps: Int
  /// The floor as a share of the peak.
  public var floorShare: Double

  /// Steps of the linear decay at the end; nil is the cosine over all steps after the warm-up.
  public var decaySteps: Int?

  /// Takes the values as they are; without warm-up the first step is already below the peak.
  public init(
    peak: Double, warmupSteps: Int, steps: Int, floorShare: Double = 0.1, decaySteps: Int? = nil
  ) {
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.steps = steps
    self.floorShare = floorShare
    self.decaySteps = decaySteps
  }

  /// The rate of step `step`, counted from 0.
  public func rate(at step: Int) -> Double {
    if step < warmupSteps { return peak * Double(step + 1) / Double(warmupSteps) }
    if let decaySteps {
      let left = Double(max(steps - step - 1, 0)) / Double(max(decaySteps, 1))
      return peak * (floorShare + (1 - floorShare) * min(1, left))
    }
    let progress = min(1, Double(step - warmupSteps + 1) / Double(max(steps - warmupSteps, 1)))
    let floor = peak * floorShare
    return floor + (peak - floor) * (1 + cos(.pi * progress)) / 2
  }
}
