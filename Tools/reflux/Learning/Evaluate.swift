import ArgumentParser
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxStorage
import RefluxTraining

/// Held-out figures of a model.
struct EvaluateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on held-out tokens.",
    discussion: """
      Windows of --context tokens that do not overlap; the label of a window's last position is \
      the next window's first token. LM loss is the mean cross-entropy in nats; ECE compares \
      confidence and accuracy of the most likely id in 15 equal bins; acceptance is the mean \
      overlap of the model's and the teacher's distributions.

      EXAMPLES:
        reflux evaluate --model student --tokens held-out.rfx
        reflux evaluate --model student --tokens held-out.rfx --teacher teacher \\
          --json
        reflux evaluate --model student --tokens train.rfx --samples samples.rfx
      """)

  @Option(help: ArgumentHelp("Folder of the model.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("Held-out token store.", valueName: "store"))
  var tokens: String
  @Option(
    help: ArgumentHelp(
      "Tokens of a window (default: the samples' context, else 256 or the model's positions if "
        + "fewer)."))
  var context: Int?
  @Option(help: ArgumentHelp("A teacher, for the acceptance.", valueName: "model"))
  var teacher: String?
  @Option(help: ArgumentHelp("Sample store of the tokens, for the KL.", valueName: "store"))
  var samples: String?
  @Option(help: "The most tokens to look at (default: all).")
  var limit: Int?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if let context, context < 1 { throw ValidationError("--context must be at least 1") }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    Interruption.finishSafely()
    try compute.run(EvaluateRun(verb: self))
  }
}

/// The steps of `evaluate`.
private struct EvaluateRun: ComputeBody {
  let verb: EvaluateVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
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
    try facts(report).print(json: verb.printing.json)
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
    if let kl = report.sampleKL { facts.add("sample_kl", .number(kl)) }
    facts.add("tokens_per_second", .number(report.tokensPerSecond.rounded()))
    return facts
  }
}
