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

      With --range several machines capture shards of one store, which 'reflux merge' joins; the \
      sets are the same as those of one capture. --encoding packed takes about half the space of \
      plain. --record keeps numbers of the teacher's whole distribution beside each set: mass (the \
      probability of the set), logsum (of the logits), entropy (in nats), label (the probability \
      of the token that follows).

      EXAMPLES:
        reflux cache --teacher teacher --tokens train.rfx --output samples.rfx
        reflux cache --teacher teacher --tokens train.rfx --output systematic.rfx \\
          --estimator systematic --rounds 41
        reflux cache --teacher teacher --tokens train.rfx --output top12.rfx \\
          --estimator topk --rounds 12 --weights float16 --record mass,label --json
        reflux cache --teacher teacher --tokens train.rfx --output shards/0.rfx \\
          --range '0..<1000000' --note run=7
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
  @Option(
    help: ArgumentHelp(
      "Positions to capture, A..<B, for a shard (default: all).", valueName: "range"))
  var range: RecordRange?
  @Option(help: "How sets are laid down: packed or plain.")
  var encoding = SampleEncoding.packed
  @Option(help: "LZ4's level of plain blocks: 0 fast, 1 to 12 slower and smaller.")
  var level = 0
  @Option(
    help: "How weights of topk are stored: float32, float16 or logarithm8 (default: float32).")
  var weights: SampleValues?
  @Option(
    help: ArgumentHelp(
      "Numbers to keep beside each set: any of mass, logsum, entropy, label, with commas.",
      valueName: "names"))
  var record: FieldList?
  @Option(
    help: ArgumentHelp(
      "A note for the store's header: key of a-z, 0-9, '-' and '.'; may be repeated.",
      valueName: "key=value"))
  var note: [Note] = []

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if let context, context < 1 { throw ValidationError("--context must be at least 1") }
    guard (0...12).contains(level) else { throw ValidationError("--level must be 0 to 12") }
    if weights != nil && estimator != .topk {
      throw ValidationError("--weights goes with --estimator topk; drawn sets have counts")
    }
    if weights == .counts {
      throw ValidationError("--weights must be float32, float16 or logarithm8")
    }
    try validateNotes()
    do { try sampler.validate() } catch { throw ValidationError("\(error)") }
  }

  private func validateNotes() throws {
    var keys: Set<String> = []
    for key in note.map(\.key) where !keys.insert(key).inserted {
      throw ValidationError("--note \(key) was given twice")
    }
    for key in ["estimator", "packing", "software", "teacher"] where keys.contains(key) {
      throw ValidationError("--note \(key) is a key of the store's own; choose another")
    }
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
    let configuration = try configuration(context: context, tokens: tokens)
    let capture = try at(verb.teacher) {
      try Capture(configuration, teacher: teacher, tokens: tokens)
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

  private func configuration(
    context: Int, tokens: TokenStore
  ) throws(Failure) -> CaptureConfiguration {
    var result = CaptureConfiguration(
      sampler: verb.sampler, context: context, teacher: verb.teacher)
    result.range = try verb.range.map { range throws(Failure) in
      let range = try range.resolve(count: tokens.count, path: verb.tokens)
      if !range.isEmpty { return range }
      throw Failure(path: verb.tokens, "the range \(range) is empty", exitCode: .usage)
    }
    result.encoding = verb.encoding
    result.level = verb.level
    result.weights = verb.weights ?? .float32
    result.extras = SampleExtra.allCases.filter { verb.record?.fields.contains($0) ?? false }
    result.software = Reflux.software
    result.created = Moment.now
    result.notes = Dictionary(uniqueKeysWithValues: verb.note.map { ($0.key, $0.value) })
    return result
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
