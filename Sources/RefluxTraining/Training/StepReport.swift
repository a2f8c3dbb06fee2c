/// What one step of training came to.
public struct StepReport: Sendable, Equatable {
  /// Counted from 1.
  public var step: Int
  /// Tokens trained on so far, this step's included.
  public var tokens: Int
  /// Mean loss of the step's rows, in nats.
  public var loss: Double
  /// With sets of draws, the share of their own entropy that the loss is below the one with
  /// cross-entropies in place of divergences.
  public var setEntropy: Double?
  /// With sets, what they and the student have in common.
  public var sets: SetFigures?
  /// Norm of the gradient before clipping.
  public var gradientNorm: Double
  public var learningRate: Double
  /// The target's share in the loss, where it changes from step to step.
  public var alpha: Double?
  /// Of this step, waiting for data included.
  public var tokensPerSecond: Double
  /// Share of the step spent waiting for the feed, in percent.
  public var dataWaitPercent: Double
  /// Windows with damaged blocks that were skipped so far, by this process.
  public var skippedWindows = 0
  /// Why the step was thrown away; nil for one that reached the weights.
  public var skipped: String?

  /// With sets of draws, the loss with cross-entropies in place of divergences. That of the draws
  /// estimates that of the teacher without bias; their divergence has their own noise in it, which
  /// no student can take away.
  public var crossEntropy: Double? { setEntropy.map { loss + $0 } }
}

/// What sets of ids and the student have in common, over the rows of a step.
public struct SetFigures: Sendable, Equatable {
  /// The student's probability of the ids of a set, the mean over rows.
  public var studentMass: Double
  /// The teacher's.
  public var teacherMass: Double
  /// Share of the rows whose most probable id is the same of both, in percent.
  public var agreementPercent: Double
  /// Share of the rows that the objective bounded or left out, in percent.
  public var cappedPercent: Double
}

/// How a run of training ended.
public enum TrainingOutcome: Sendable, Equatable {
  case finished
  /// Stopped as asked after this many steps; the checkpoint resumes there.
  case interrupted(step: Int)
}
