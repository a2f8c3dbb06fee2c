public import RefluxEvaluation
public import RefluxJSON

/// One logged step of a run: a line of `metrics.jsonl`, of standard output, points of charts.
public struct MetricsRow: Sendable {
  /// More bytes than any line of `metrics.jsonl` has: a longer one is none.
  public static let byteLimit = 1 << 20

  /// The step; rate and data wait are means over all steps since the row before.
  public var report: StepReport
  /// Seconds of training so far, evaluations and checkpoints included, pauses between an
  /// interruption and its resumption not.
  public var seconds: Double
  /// Figures on held-out tokens, where this step has any.
  public var heldOut: EvaluationReport?

  /// A logged figure: its key in JSON, its tag in an event file (nil for none), its value.
  struct Figure {
    var key: String
    var tag: String?
    var value: JSONValue
  }

  /// All figures in the order in which they are written.
  var figures: [Figure] {
    var training: [Figure] = [
      Figure(key: "step", tag: nil, value: .integer(report.step)),
      Figure(key: "tokens", tag: nil, value: .integer(report.tokens)),
      Figure("loss", "train/loss", report.loss),
      Figure("learning_rate", "train/learning_rate", report.learningRate),
      Figure("gradient_norm", "train/gradient_norm", report.gradientNorm),
      Figure(
        "tokens_per_second", "speed/tokens_per_second", report.tokensPerSecond.rounded()),
      Figure("data_wait_percent", "speed/data_wait_percent", report.dataWaitPercent),
      Figure("seconds", nil, seconds),
    ]
    if let crossEntropy = report.crossEntropy, let entropy = report.setEntropy {
      training += [
        Figure("cross_entropy", "train/cross_entropy", crossEntropy),
        Figure("set_entropy", nil, entropy),
      ]
    }
    if let sets = report.sets { training += Self.figures(of: sets) }
    if let alpha = report.alpha { training.append(Figure("alpha", "train/alpha", alpha)) }
    if let skipped = report.skipped {
      training.append(Figure(key: "skipped", tag: nil, value: .string(skipped)))
    }
    if report.skippedWindows > 0 {
      training.append(
        Figure(key: "skipped_windows", tag: nil, value: .integer(report.skippedWindows)))
    }
    guard let heldOut else { return training }
    return training + [
      Figure("held_out_loss", "held_out/loss", heldOut.lmLoss),
      Figure("held_out_ece_percent", "held_out/ece_percent", heldOut.ecePercent),
      Figure(
        "held_out_top_one_percent", "held_out/top_one_percent",
        heldOut.calibration.accuracyPercent),
      Figure(key: "held_out_tokens", tag: nil, value: .integer(heldOut.tokens)),
      Figure(key: "held_out_calibration", tag: nil, value: heldOut.calibration.json),
    ]
  }

  private static func figures(of sets: SetFigures) -> [Figure] {
    [
      Figure("student_mass", "sets/student_mass", sets.studentMass),
      Figure("teacher_mass", "sets/teacher_mass", sets.teacherMass),
      Figure(
        "top_one_agreement_percent", "sets/top_one_agreement_percent", sets.agreementPercent),
      Figure("capped_percent", "sets/capped_percent", sets.cappedPercent),
    ]
  }

  /// The row as an object: `step`, `tokens`, `loss` (nats), `learning_rate`, `gradient_norm`,
  /// `tokens_per_second`, `data_wait_percent`, `seconds`; where it was evaluated also
  /// `held_out_loss` (nats), `held_out_ece_percent`, `held_out_top_one_percent`,
  /// `held_out_tokens`, `held_out_calibration`; with draws `cross_entropy` (the loss with
  /// cross-entropies in place of divergences) and `set_entropy` (their difference), in nats; with
  /// sets `student_mass`, `teacher_mass`, `top_one_agreement_percent` and `capped_percent`, see
  /// ``SetFigures``; `alpha`, where it changes; `skipped`, why a step was thrown away, and
  /// `skipped_windows`, where there are any. What is not finite is null.
  public var json: JSONObject {
    JSONObject(figures.map { JSONObject.Member($0.key, $0.value) })
  }
}

extension MetricsRow.Figure {
  init(_ key: String, _ tag: String?, _ value: Double) {
    self.init(key: key, tag: tag, value: value.isFinite ? .number(value) : .null)
  }
}
