import RefluxBytes
import RefluxEvaluation
import RefluxFiles
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxRecipes
import RefluxReport
import RefluxSettings
import RefluxStorage
import RefluxTargets
import RefluxTraining

/// The steps of `evaluate`.
struct EvaluateRun: ComputeBody {
  let settings: EvaluateSettings
  let verb: EvaluateVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    let page = try settings.html.map { html throws(Failure) in
      try PageOutput(
        html, .evaluation,
        verb.replacing.gate(
          reading: [
            settings.model, settings.teacher, settings.tokens, settings.samples, verb.options.path,
          ]),
        json: verb.printing.json)
    }
    let tokens = try ModelInputs.tokens(settings.tokens)
    let samples = try settings.samples.map { path throws(Failure) in
      try ModelInputs.samples(path, of: tokens)
    }
    let models = try [settings.model, settings.teacher].compactMap { $0 }
      .map(ModelInputs.tokenizerClaim)
    try ModelInputs.requireOneTokenizer(
      [TokenizerClaim(tokens: tokens, name: settings.tokens)] + models)
    let context = ModelInputs.window(
      settings.context, samples: samples, sizes: try ModelInputs.configuration(settings.model))
    try requireMemory(element, workers, context, samples)
    let decoder: Decoder<Element> = try ModelInputs.decoder(
      settings.model, window: context, workers)
    let teacher: Decoder<Element>? = try settings.teacher.map { path throws(Failure) in
      try ModelInputs.decoder(path, window: context, workers)
    }
    for (folder, model) in [(settings.model, decoder), (settings.teacher ?? "", teacher)] {
      guard let ids = model?.configuration.vocabularySize else { continue }
      ModelInputs.notePadding(folder, ids: ids, other: tokens.vocabularySize)
    }
    let packing = settings.packing ?? samples?.packing ?? .windows
    let evaluator = try at(settings.teacher ?? settings.model) {
      try Evaluator(decoder, window: context, packing: packing, teacher: teacher)
    }
    let report = try evaluate(evaluator, context, tokens, samples)
    var facts = facts(report)
    if let teacher, let sizes = settings.gradients?.elements {
      let comparison = try at(settings.teacher ?? settings.model) {
        try GradientComparison(
          decoder, teacher: teacher, window: context, packing: packing, sizes: sizes,
          drawn: settings.gradientTargets?.elements.map(\.sampler) ?? [])
      }
      facts.add(try compare(comparison, tokens, samples))
    }
    if let page { try write(facts, report, to: page) }
    if page?.isStandardOutput != true { try facts.print(json: verb.printing.json) }
  }

  private func evaluate<Element: Scalar>(
    _ evaluator: Evaluator<Element>, _ context: Int, _ tokens: TokenStore, _ samples: SampleStore?
  ) throws(Failure) -> EvaluationReport {
    let limit = settings.limit ?? gradientTokens(context) ?? .max
    let progress = Progress(
      "evaluate", unit: "tokens", total: min(tokens.count, limit), isQuiet: verb.showing.quiet)
    let report = try named {
      try evaluator.run(tokens, samples: samples, limit: limit) { done, total in
        progress.update(to: done, of: total)
        return !Interruption.isRequested
      }
    }
    progress.finish()
    try Interruption.check(path: settings.tokens, "run the same command again to start over")
    return report
  }

  private func requireMemory<Element: Scalar>(
    _ element: Element.Type, _ workers: Workers, _ context: Int, _ samples: SampleStore?
  ) throws(Failure) {
    let sizes = try ModelInputs.sizes(settings.model, window: context)
    let teacher = try settings.teacher.map { path throws(Failure) in
      try ModelInputs.sizes(path, window: context)
    }
    let gradients = settings.gradients.map {
      GradientPlan(
        sizes: $0.elements, drawn: settings.gradientTargets?.elements.map(\.sampler) ?? [])
    }
    let need = try at(settings.teacher ?? settings.model) {
      try Evaluator<Element>.memory(
        of: sizes, teacher: teacher, window: context, samples: samples, gradients: gradients,
        workers: workers)
    }
    let advice = gradients == nil ? "" : ", or leave out --gradients"
    try MemoryCheck(threads: workers.count).require(
      need, for: "the evaluation", at: settings.model,
      advice: "lower --context or --threads" + advice)
  }

  /// The tokens that gradients are compared on.
  private func gradientTokens(_ context: Int) -> Int? {
    guard let largest = settings.gradients?.elements.max() else { return nil }
    let windows = largest.multipliedReportingOverflow(by: settings.gradientBatches)
    let tokens = windows.partialValue.multipliedReportingOverflow(by: context)
    return windows.overflow || tokens.overflow ? .max : tokens.partialValue
  }

  private func compare<Element: Scalar>(
    _ comparison: GradientComparison<Element>, _ tokens: TokenStore, _ samples: SampleStore?
  ) throws(Failure) -> [GradientAngle] {
    let progress = Progress("gradients", unit: "windows", isQuiet: verb.showing.quiet)
    let angles = try named {
      try comparison.run(tokens, samples: samples, batches: settings.gradientBatches) {
        progress.update(to: $0, of: $1)
        return !Interruption.isRequested
      }
    }
    progress.finish()
    try Interruption.check(path: settings.tokens, "run the same command again to start over")
    return angles
  }

  /// Everything that is printed, as a page.
  private func write(
    _ facts: Facts, _ report: EvaluationReport, to output: PageOutput
  ) throws(Failure) {
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
    try output.write(page.html())
  }

  /// Runs `body`; its error names the file it is about.
  private func named<Result>(_ body: () throws -> Result) throws(Failure) -> Result {
    do { return try body() } catch {
      switch error {
      case EvaluationError.modelFiles(.vocabulary), EvaluationError.modelFiles(.idInPadding),
        EvaluationError.logits:
        throw Failure(error, at: settings.model)
      case EvaluationError.feed(let cause) where cause.isOfSamples:
        throw Failure(error, at: settings.samples)
      case let cause as FeedError where cause.isOfSamples:
        throw Failure(error, at: settings.samples)
      default: throw Failure(error, at: settings.tokens)
      }
    }
  }

  private func facts(_ report: EvaluationReport) -> Facts {
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
    add("sample_acceptance_upper_percent", .number(estimate.upperPercent))
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
