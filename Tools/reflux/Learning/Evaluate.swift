import ArgumentParser
import RefluxPipeline

/// Held-out figures of a model.
struct EvaluateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on held-out tokens.",
    discussion: """
      Windows of --context tokens that do not overlap, cut as training cuts them (--packing), and \
      a shorter one of the last tokens; the label of a window's last position is the next window's \
      first token. 'tokens' is the number of labels. LM loss is the mean cross-entropy in nats; \
      ECE compares confidence and accuracy of the most likely id in 15 equal bins; acceptance is \
      the mean overlap of the model's and the teacher's distributions. From --samples alone the \
      acceptance is estimated: it lies between the lower and the upper figure, neither of which is \
      on the wrong side on average. The upper one is right for a model that is the teacher, \
      whatever the rounds; where they are far apart, the draws do not say more. The standard error \
      over windows covers text and draws, not the distance between the two.

      --gradients compares the gradients of sparse targets with that of the whole teacher, in \
      batches of so many windows: angle and ratio of norms, of the sets of --samples and of those \
      that --gradient-targets draws from the teacher. All other figures are then those of the same \
      windows, unless --limit says how many tokens to look at.

      EXAMPLES:
        reflux evaluate --model student --tokens held-out.rfx
        reflux evaluate --model student --tokens held-out.rfx --teacher teacher \\
          --json
        reflux evaluate --model student --tokens train.rfx --samples samples.rfx
        reflux evaluate --model student --tokens train.rfx --samples samples.rfx \\
          --teacher teacher --gradients 1,4,16
        reflux evaluate --model student --tokens train.rfx --teacher teacher \\
          --gradients 1,4,16,64 --gradient-targets topk12,topk50,topk300,multinomial50
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
  @Option(help: ArgumentHelp("A teacher, for acceptance and agreement.", valueName: "model"))
  var teacher: String?
  @Option(
    help: ArgumentHelp(
      "Sample store of the tokens, for the KL and the estimated acceptance.", valueName: "store"))
  var samples: String?
  @Option(
    help: ArgumentHelp(
      "How windows are cut: windows, documents (each stands for itself) or best-fit (documents"
        + " whole); default: as the samples' were, else windows."))
  var packing: WindowPacking?
  @Option(
    help: ArgumentHelp(
      "The most tokens to look at, from the first; the last window is cut there (default: all;"
        + " with --gradients those of its batches)."))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Batch sizes, in windows, at which to compare gradients with those of --teacher.",
      valueName: "sizes"))
  var gradients: SizeList?
  @Option(
    help: ArgumentHelp(
      "What to draw for --gradients: estimators with their rounds, such as topk12,multinomial50.",
      valueName: "targets"))
  var gradientTargets: TargetList?
  @Option(help: "Batches of the largest size of --gradients; smaller sizes have as many more.")
  var gradientBatches = 4
  @Option(
    help: ArgumentHelp(
      "Where a page with all figures and the reliability diagram goes; an older page of this verb"
        + " is replaced.", valueName: "file"))
  var html: String?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if let context, context < 1 { throw ValidationError("--context must be at least 1") }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    if gradientBatches < 1 { throw ValidationError("--gradient-batches must be at least 1") }
    if gradients != nil, teacher == nil || samples == nil && gradientTargets == nil {
      throw ValidationError(
        "--gradients needs --teacher <model>, and --samples <store> or --gradient-targets")
    }
    if gradientTargets != nil, gradients == nil {
      throw ValidationError("--gradient-targets needs --gradients <sizes>")
    }
  }

  func run() throws {
    Interruption.finishSafely()
    try compute.run(EvaluateRun(verb: self))
  }
}
