import ArgumentParser
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxSampling
import RefluxStorage
import RefluxTraining

/// A teacher's distributions as sample sets.
struct CacheVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Run a teacher and store its sample sets.",
    discussion: """
      Record i of the sample store is the teacher's distribution for the token after record i of \
      the token store, given the tokens before it in its window of --context tokens. Estimators: \
      multinomial (random draws; counts exact at --tau 1), systematic (one uniform per position, \
      less variance), topk (the --rounds most likely ids with their probabilities). Students must \
      train with windows of the same length. An interrupted capture goes on with the same command.

      EXAMPLES:
        reflux cache --teacher teacher --tokens train.rfx --output samples.rfx
        reflux cache --teacher teacher --tokens train.rfx --output systematic.rfx \\
          --estimator systematic --rounds 41
        reflux cache --teacher teacher --tokens train.rfx --output top12.rfx \\
          --estimator topk --rounds 12 --json
      """)

  @Option(help: ArgumentHelp("Folder of the teacher.", valueName: "model"))
  var teacher: String
  @Option(help: ArgumentHelp("Token store to run over.", valueName: "store"))
  var tokens: String
  @Option(help: ArgumentHelp("Where the sample store goes.", valueName: "store"))
  var output: String
  @Option(help: "How to draw: multinomial, systematic or topk.")
  var estimator = Estimator.multinomial
  @Option(help: "Draws per position; for topk the number of ids.")
  var rounds = 50
  @Option(help: "Exponent of the proposal: ids are drawn in proportion to p^tau.")
  var tau = 1.0
  @Option(help: "Seed of the draws.")
  var seed: UInt64 = 0
  @Option(help: "Tokens of a window (default: 256 or the teacher's positions if fewer).")
  var context: Int?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if let context, context < 1 { throw ValidationError("--context must be at least 1") }
    do { try sampler.validate() } catch { throw ValidationError("\(error)") }
  }

  var sampler: SamplerConfiguration {
    SamplerConfiguration(estimator: estimator, rounds: rounds, tau: tau, seed: seed)
  }

  func run() throws {
    Interruption.finishSafely()
    try compute.run(CacheRun(verb: self))
  }
}

/// The steps of `cache`.
private struct CacheRun: ComputeBody {
  let verb: CacheVerb

  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    try refuseOverwriting(inputs, with: verb.output)
    let tokens = try ModelInputs.tokens(verb.tokens)
    let context = ModelInputs.window(
      verb.context, sizes: try ModelInputs.configuration(verb.teacher))
    let teacher: Decoder<Element> = try ModelInputs.decoder(
      verb.teacher, window: context, workers)
    let capture = try at(verb.teacher) {
      try Capture(
        CaptureConfiguration(sampler: verb.sampler, context: context, teacher: verb.teacher),
        teacher: teacher, tokens: tokens)
    }
    var progress: Progress?
    let report = try at(verb.output) {
      try capture.run(to: verb.output) { done, total in
        // The first call says where an earlier run stopped.
        let current =
          progress
          ?? Progress(
            "cache", unit: "tokens", total: total, start: done, isQuiet: verb.showing.quiet)
        progress = current
        current.update(to: done)
        return !Interruption.isRequested
      }
    }
    progress?.finish()
    if !report.finished {
      throw Failure.interrupted(
        path: verb.output,
        "what was written is kept; run the same command again to go on")
    }
    try facts(report).print(json: verb.printing.json)
  }

  private var inputs: [String] {
    [
      verb.tokens, verb.teacher, ModelFolder.configurationPath(verb.teacher),
      ModelFolder.weightsFile(verb.teacher), ModelFolder.tokenizerPath(verb.teacher),
    ]
  }

  private func facts(_ report: CaptureReport) -> Facts {
    var facts = Facts()
    facts.add("output", .string(verb.output))
    facts.add("records", .integer(report.records))
    facts.add("unique_ids_per_record", .number(report.uniqueIDsPerRecord ?? .nan))
    facts.add("bytes_per_record", .number(report.bytesPerRecord ?? .nan))
    facts.add("tokens_per_second", .number(report.tokensPerSecond.rounded()))
    return facts
  }
}
