internal import Foundation

/// Linear warm-up to a peak, then half a cosine down to a floor.
public struct LearningRateSchedule: Sendable, Equatable {
  /// The largest rate.
  public var peak: Double
  /// Steps of the warm-up; the peak is reached at step `warmupSteps` - 1.
  public var warmupSteps: Int
  /// Steps in all; the floor is reached at the last one.
  public var steps: Int
  /// The floor as a share of the peak.
  public var floorShare: Double

  /// Takes the values as they are; without warm-up the first step is already below the peak.
  public init(peak: Double, warmupSteps: Int, steps: Int, floorShare: Double = 0.1) {
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.steps = steps
    self.floorShare = floorShare
  }

  /// The rate of step `step`, counted from 0.
  public func rate(at step: Int) -> Double {
    if step < warmupSteps { return peak * Double(step + 1) / Double(warmupSteps) }
    let progress = min(1, Double(step - warmupSteps + 1) / Double(max(steps - warmupSteps, 1)))
    let floor = peak * floorShare
    return floor + (peak - floor) * (1 + cos(.pi * progress)) / 2
  }
}
