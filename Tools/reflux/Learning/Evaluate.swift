import ArgumentParser
import RefluxRecipes
import RefluxReport

/// Held-out figures of a model.
struct EvaluateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on held-out tokens.",
    usage: SettingOptions<EvaluateSettings>.usage,
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
      windows, unless --limit says how many tokens to evaluate.

      --objective computes losses of 'reflux objective list' by the book, in float64, on the first \
      positions, from what a training would learn them from; sets that do not fit are refused.

      EXAMPLES:
        reflux evaluate --model student --tokens held-out.rfx
        reflux evaluate --model student --tokens held-out.rfx --teacher teacher \\
          --json
        reflux evaluate --model student --tokens train.rfx --samples samples.rfx
        reflux evaluate --model student --tokens train.rfx --samples samples.rfx \\
          --teacher teacher --gradients 1,4,16
        reflux evaluate --model student --tokens train.rfx --samples top.rfx \\
          --objective ghost --objective jsd:beta=0.3
        reflux evaluate --model student --tokens train.rfx --teacher teacher \\
          --gradients 1,4,16,64 --gradient-targets topk12,topk50,topk300,multinomial50
      """)

  @OptionGroup var options: SettingOptions<EvaluateSettings>
  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    guard let settings = try options.resolve() else { return }
    Interruption.finishSafely()
    let page = try page(settings)
    let result = try stoppable(
      at: settings.tokens, "run the same command again to start over"
    ) { try EvaluateRecipe(settings).run(.console(isQuiet: showing.quiet)) }
    if let page { try page.write(result.page(settings).html()) }
    if page?.isStandardOutput != true { try result.facts.print(json: printing.json) }
  }

  private func page(_ settings: EvaluateSettings) throws(Failure) -> PageOutput? {
    try settings.html.map { html throws(Failure) in
      try PageOutput(
        html, .evaluation,
        replacing.gate(
          reading: [
            settings.model, settings.teacher, settings.tokens, settings.samples, options.path,
          ]),
        json: printing.json)
    }
  }
}
