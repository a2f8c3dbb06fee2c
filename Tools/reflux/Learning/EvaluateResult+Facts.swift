import RefluxBytes
import RefluxEvaluation
import RefluxFiles
import RefluxJSON
import RefluxLosses
import RefluxRecipes
import RefluxReport

/// What an evaluation found, in words.
extension EvaluateResult {
  var facts: Facts {
    var facts = Facts()
    facts.add("tokens", .integer(report.tokens))
    facts.add("lm_loss", .number(report.lmLoss))
    facts.add("perplexity", .number(report.perplexity))
    if let loss = report.teacherLoss {
      facts.add("teacher_lm_loss", .number(loss))
      facts.add("lm_loss_gap", .number(report.lmLoss - loss))
    }
    facts.add("ece_percent", .number(report.ecePercent))
    facts.add("top_one_percent", .number(report.calibration.accuracyPercent))
    if let acceptance = report.acceptancePercent {
      facts.add("acceptance_percent", .number(acceptance))
    }
    if let agreement = report.topOneAgreementPercent {
      facts.add("top_one_agreement_percent", .number(agreement))
    }
    if let kl = report.sampleKL { facts.add("sample_kl", .number(kl)) }
    if let estimate = report.sampleAcceptance { facts.add(estimate) }
    facts.add("tokens_per_second", .number(report.tokensPerSecond.rounded()))
    facts.addHidden("calibration", report.calibration.json)
    if !objectives.isEmpty { facts.add(objectives) }
    if let gradients { facts.add(gradients) }
    return facts
  }

  /// Everything that is printed, as a page.
  func page(_ settings: EvaluateSettings) -> RunReport {
    let name = FileSystem.name(of: settings.model)
    var page = RunReport(title: name, subtitle: "Figures on \(settings.tokens).")
    page.kind = .evaluation
    let inputs = [
      ("model", settings.model), ("teacher", settings.teacher), ("token store", settings.tokens),
      ("sample store", settings.samples),
    ]
    page.facts =
      inputs.compactMap { label, path in path.map { Fact(label, $0) } }
      + facts.rows.map { Fact($0.label, $0.text) }
    page.reliability = [
      ReliabilityDiagram(
        name: name, bins: report.calibration.reliability, ecePercent: report.ecePercent)
    ]
    return page
  }
}

extension Facts {
  fileprivate mutating func add(_ estimate: SampleAcceptance) {
    add("sample_acceptance_percent", .number(estimate.percent))
    add(
      "sample_acceptance_standard_error_percent",
      estimate.standardErrorPercent.map { .number($0) } ?? .null)
    add("sample_acceptance_lower_percent", .number(estimate.lowerPercent))
    add("sample_acceptance_upper_percent", .number(estimate.upperPercent))
  }

  fileprivate mutating func add(_ values: [ObjectiveValue]) {
    let rows = values.map { value -> JSONValue in
      .object([
        "objective": .string(value.objective.text),
        "loss": value.loss.map { .number($0) } ?? .null, "positions": .integer(value.positions),
      ])
    }
    addHidden("objectives", .array(rows))
    for value in values {
      add(
        line: (value.loss.map { "\($0)" } ?? (value.positions > 0 ? "infinite" : "-"))
          + " (positions: \(Quantity.grouped(value.positions)))", label: value.objective.text)
    }
  }

  fileprivate mutating func add(_ angles: [GradientAngle]) {
    let rows = angles.map { angle -> JSONValue in
      .object([
        "target": .string(angle.target), "batch": .integer(angle.batch),
        "batches": .integer(angle.batches),
        "angle_degrees": .number(angle.angleDegrees), "norm_ratio": .number(angle.normRatio),
      ])
    }
    addHidden("gradients", .array(rows))
    for angle in angles {
      add(
        line: "\(Quantity.decimal(angle.angleDegrees)) degrees, norm ratio "
          + "\(Quantity.decimal(angle.normRatio)) (batches: \(angle.batches))",
        label: "gradient of \(angle.target), batch \(angle.batch)")
    }
  }
}
