public import RefluxTraining

/// What a training reports as it goes.
public enum TrainingRow: Sendable {
  /// What it is, before its first step; not where all steps are done.
  case outline(TrainOutline)
  /// A logged step.
  case step(MetricsRow)
}
