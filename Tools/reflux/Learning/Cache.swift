import ArgumentParser
import RefluxJSON
import RefluxModel
import RefluxPipeline
import RefluxSampling
import RefluxStorage
import RefluxTargets

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

      --packing documents begins the positions anew at every document and hides the ones before \
      it; best-fit also keeps documents of up to a window whole. Students must train with the same.

      With --part K/N each of N processes captures one of N equal parts, with --range any shard of \
      the store; 'reflux merge' joins them, and the sets are the same as those of one capture. \
      --dry-run measures a few windows, says how large the store is going to be and how long it \
      takes, and writes nothing. --encoding packed takes about half the space of \
      plain. --record keeps numbers of the teacher's whole distribution beside each set: mass (the \
      probability of the set), logsum (of the logits), entropy (in nats), label (the probability \
      of the token that follows).

      With --logits the distributions come from a file instead of a teacher: logits or \
      log-probabilities as a .npy array or safetensors tensor [tokens, vocabulary], a row for each \
      token, or the top K of each row as safetensors tensors 'ids' and 'logprobs' (or 'logits', \
      with 'logsumexp' [tokens] for their sum) [tokens, K], for --estimator topk. The file is \
      mapped, not loaded. --context is then the window that the file was made with.

      EXAMPLES:
        reflux cache --teacher teacher --tokens train.rfx --output samples.rfx
        reflux cache --teacher teacher --tokens train.rfx --output systematic.rfx \\
          --estimator systematic --rounds 41
        reflux cache --teacher teacher --tokens train.rfx --output top12.rfx \\
          --estimator topk --rounds 12 --weights float16 --record mass,label --json
        reflux cache --teacher teacher --tokens train.rfx --output shards/0.rfx \\
          --range '0..<1000000' --note run=7
        reflux cache --teacher teacher --tokens train.rfx --output shards/2.rfx --part 2/8
        reflux cache --teacher teacher --tokens train.rfx --output samples.rfx --dry-run
        reflux cache --logits logits.npy --context 2048 --tokens train.rfx \\
          --output samples.rfx
      """)

  @Option(help: ArgumentHelp("Folder of the teacher.", valueName: "model"))
  var teacher: String?
  @Option(
    help: ArgumentHelp(
      "Logits made elsewhere, .npy or safetensors, in place of a teacher.", valueName: "file"))
  var logits: String?
  @Option(
    help: ArgumentHelp(
      "Tensor of --logits (default: logits or logprobs, whichever there is).", valueName: "name"))
  var tensor: String?
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
  @Option(help: "How text is cut into windows: windows, documents or best-fit; as students do.")
  var packing = Packing.windows
  @Option(
    help: ArgumentHelp(
      "Positions to capture, A..<B, for a shard (default: all).", valueName: "range"))
  var range: RecordRange?
  @Option(
    help: ArgumentHelp("Part to capture: K of N, K from 0 (default: all).", valueName: "k/n"))
  var part: PartNumber?
  @Flag(help: "Say what size and time to expect, by a few windows, and write nothing.")
  var dryRun = false
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
  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if let context, context < 1 { throw ValidationError("--context must be at least 1") }
    if (teacher == nil) == (logits == nil) {
      throw ValidationError("Give either --teacher <model> or --logits <file>")
    }
    if logits != nil, context == nil {
      throw ValidationError("--logits needs --context, the window that the file was made with")
    }
    if tensor != nil, logits == nil { throw ValidationError("--tensor goes with --logits") }
    if part != nil, range != nil { throw ValidationError("Give either --part or --range") }
    guard (0...12).contains(level) else { throw ValidationError("--level must be 0 to 12") }
    if level > 0 && encoding == .packed {
      throw ValidationError("--level goes with --encoding plain; packed blocks do not use it")
    }
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
    let own = ["estimator", "packing", "software", "teacher"]
    let ofFile = ["logits", "logits-kind", "logits-sum", "logits-tensor", "logits-type"]
    for key in own + ofFile where keys.contains(key) {
      throw ValidationError("--note \(key) is a key of the store's own; choose another")
    }
  }

  var sampler: SamplerConfiguration {
    SamplerConfiguration(estimator: estimator, rounds: rounds, tau: tau, seed: seed)
  }

  func run() throws {
    if !dryRun {
      try replacing.gate(reading: [teacher, logits, tokens]).admit(output, as: .samples)
    }
    Interruption.finishSafely()
    if let logits { return try CacheRun(verb: self).run(logits, compute.workers) }
    try compute.run(CacheRun(verb: self))
  }
}
