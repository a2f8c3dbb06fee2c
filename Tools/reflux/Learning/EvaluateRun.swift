import RefluxFiles
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxRecipes
import RefluxReport
import RefluxStorage
import RefluxTraining

/// The steps of `evaluate`.
struct EvaluateRun: ComputeBody {
  let verb: EvaluateVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    if let html = verb.html {
      try refuseOverwriting([verb.tokens] + (verb.samples.map { [$0] } ?? []), with: html)
      try requireFolder(of: html)
    }
    let tokens = try ModelInputs.tokens(verb.tokens)
    let samples = try verb.samples.map { path throws(Failure) in
      try ModelInputs.samples(path, of: tokens)
    }
    let context = ModelInputs.window(
      verb.context, samples: samples, sizes: try ModelInputs.configuration(verb.model))
    let decoder: Decoder<Element> = try ModelInputs.decoder(verb.model, window: context, workers)
    let teacher: Decoder<Element>? = try verb.teacher.map { path throws(Failure) in
      try ModelInputs.decoder(path, window: context, workers)
    }
    let evaluator = try at(verb.teacher ?? verb.model) {
      try Evaluator(decoder, window: context, teacher: teacher)
    }
    let progress = Progress(
      "evaluate", unit: "tokens", total: min(tokens.count, verb.limit ?? .max),
      isQuiet: verb.showing.quiet)
    let report = try named {
      try evaluator.run(tokens, samples: samples, limit: verb.limit ?? .max) { done, total in
        progress.update(to: done, of: total)
        return !Interruption.isRequested
      }
    }
    progress.finish()
    if Interruption.isRequested {
      throw Failure.interrupted(path: verb.tokens, "run the same command again to start over")
    }
    if let html = verb.html { try write(report, to: html) }
    var facts = facts(report)
    if let teacher {
      try addGradients(to: &facts, decoder, teacher, context, tokens, samples)
    }
    try facts.print(json: verb.printing.json)
  }

  private func addGradients<Element: Scalar>(
    to facts: inout Facts, _ decoder: Decoder<Element>, _ teacher: Decoder<Element>,
    _ context: Int, _ tokens: TokenStore, _ samples: SampleStore?
  ) throws {
    guard let sizes = verb.gradients?.sizes else { return }
    let progress = Progress("gradients", unit: "windows", isQuiet: verb.showing.quiet)
    let angles = try named {
      let comparison = try GradientComparison(
        decoder, teacher: teacher, window: context, sizes: sizes,
        drawn: verb.gradientTargets?.targets ?? [])
      return try comparison.run(tokens, samples: samples, batches: verb.gradientBatches) {
        progress.update(to: $0, of: $1)
        return !Interruption.isRequested
      }
    }
    progress.finish()
    try Interruption.check(path: verb.tokens, "run the same command again to start over")
    facts.add(angles)
  }

  private func write(_ report: EvaluationReport, to path: String) throws(Failure) {
    let name = FileSystem.name(of: verb.model)
    var page = RunReport(title: name, subtitle: "Figures on \(verb.tokens).")
    page.facts = [
      Fact("LM loss", Quantity.decimal(report.lmLoss) + " nats"),
      Fact("Perplexity", Quantity.decimal(report.perplexity)),
      Fact("Tokens", Quantity.grouped(report.tokens)),
    ]
    page.reliability = [
      ReliabilityDiagram(
        name: name, bins: report.calibration.reliability, ecePercent: report.ecePercent)
    ]
    try at(path) { try FileSystem.writeFile(path: path, bytes: [UInt8](page.html().utf8)) }
  }

  /// Runs `body`; its error names the file it is about.
  private func named<Result>(_ body: () throws -> Result) throws(Failure) -> Result {
    do { return try body() } catch {
      switch error {
      case TrainingError.vocabulary, TrainingError.logits: throw Failure(error, at: verb.model)
      case TrainingError.context: throw Failure(error, at: verb.samples)
      default: throw Failure(error, at: verb.tokens)
      }
    }
  }

  private func facts(_ report: EvaluationReport) -> Facts {
    var facts = Facts()
    facts.add("tokens", .integer(report.tokens))
    facts.add("lm_loss", .number(report.lmLoss))
    facts.add("perplexity", .number(report.perplexity))
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
    return facts
  }
}

extension Facts {
  fileprivate mutating func add(_ estimate: SampleAcceptance) {
    add("sample_acceptance_percent", .number(estimate.percent))
    add(
      "sample_acceptance_standard_error_percent",
      estimate.standardErrorPercent.map { .number($0) } ?? .null)
    add("sample_acceptance_lower_percent", .number(estimate.lowerPercent))
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
