import ArgumentParser
import RefluxBytes
import RefluxProfiling
import RefluxRecipes
import Synchronization

/// A teacher's distributions as sample sets.
struct CacheVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Run a teacher and store its sample sets.",
    usage: SettingOptions<CacheSettings>.usage,
    discussion: """
      Record i of the sample store is the teacher's distribution for the token after record i of \
      the token store, given the tokens before it in its window of --context tokens. Estimators: \
      multinomial (random draws; counts exact at --tau 1), systematic (one uniform per position, \
      less variance), topk (the --rounds most likely ids with their probabilities). Students must \
      train with windows of the same length. An interrupted capture resumes with the same command.

      --packing documents begins the positions anew at every document and hides the ones before \
      it; best-fit also keeps documents of up to a window whole. Students must train with the same.

      With --part K/N each of N processes captures one of N equal parts, with --range any shard of \
      the store; 'reflux merge' joins them, and the sets are the same as those of one capture. \
      --dry-run measures a few windows, says how large the store is going to be and how long it \
      takes, and writes nothing. --encoding packed takes about half the space of \
      plain. --record keeps numbers of the teacher's whole distribution beside each set: mass (the \
      probability of the set), logsum (of the logits), entropy (in nats), label (the probability \
      of the token that follows), power (the sum of p^gamma with the exponent --gamma).

      --tau draws in proportion to p^tau, and weights correct the sets back to p. With \
      --uncorrected they stay counts, a target of p^tau itself, which the losses ttm and wttm \
      learn from. With --temperature T p is the softmax of the logits / T throughout, in the \
      numbers of --record too; losses then compare it with a student at the same temperature.

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
        reflux cache --teacher teacher --tokens train.rfx --output tempered.rfx \\
          --tau 0.5 --uncorrected --record power --gamma 0.5
        reflux cache --teacher teacher --tokens train.rfx --output shards/0.rfx \\
          --range '0..<1000000' --note run=7
        reflux cache --teacher teacher --tokens train.rfx --output shards/2.rfx --part 2/8
        reflux cache --teacher teacher --tokens train.rfx --output samples.rfx --dry-run
        reflux cache --logits logits.npy --context 2048 --tokens train.rfx \\
          --output samples.rfx
      """)

  @OptionGroup var options: SettingOptions<CacheSettings>
  @Flag(help: "Say what size and time to expect, by a few windows, and write nothing.")
  var dryRun = false

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func run() throws {
    guard let settings = try options.resolve() else { return }
    let recipe = recipe(settings)
    if !dryRun { try stoppable(output: settings.output, recipe.checkOutputs) }
    Interruption.finishSafely()
    let facts = try stoppable(
      at: settings.teacher ?? settings.logits, "nothing was written; run the same command again"
    ) {
      if dryRun { return try recipe.forecast(observer).facts }
      guard let report = try recipe.run(observer) else {
        throw Failure.interrupted(
          path: settings.output,
          "what was written is kept; run the same command again to resume")
      }
      return report.facts(output: settings.output)
    }
    try facts.print(json: printing.json)
  }

  private func recipe(_ settings: CacheSettings) -> CacheRecipe {
    var recipe = CacheRecipe(settings)
    (recipe.software, recipe.created) = (Reflux.software, Timestamp.now)
    (recipe.replaces, recipe.forecasts) = (replacing.force, !showing.quiet)
    recipe.inputs = [options.path].compactMap { $0 }
    return recipe
  }

  private var observer: StageObserver {
    let isQuiet = showing.quiet
    var observer = StageObserver.console(isQuiet: isQuiet)
    observer.begin = { [begin = observer.begin] name, unit, total, done in
      let stage = begin(name, unit, total, done)
      let watch = CacheWatch(total: total ?? 0)
      return StageObserver.Stage(
        update: { count, total, figures in
          if !isQuiet { watch.update(count) }
          stage.update(count, total, figures)
        }, finish: stage.finish)
    }
    return observer
  }
}

/// Says once, after its first groups, how long a capture takes.
final class CacheWatch: Sendable {
  private let total: Int
  /// Reports so far, and where and when the second one was.
  private let state = Mutex((calls: 0, start: 0, clock: Stopwatch()))

  /// Groups until the rate is known: the first one prepares memory and products.
  private static let groups = 4

  init(total: Int) { self.total = total }

  /// Takes a report of the capture; the first one says where an earlier run stopped.
  func update(_ done: Int) {
    let rate: Double? = state.withLock { state in
      if state.calls == 1 { (state.clock, state.start) = (Stopwatch(), done) }
      state.calls += 1
      if state.calls != Self.groups + 1 { return nil }
      return Double(done - state.start) / state.clock.seconds
    }
    guard let rate else { return }
    Console.note(
      "cache: about " + Quantity.time(Double(total - done) / rate) + " more at "
        + Quantity.scaled(rate, unit: "tokens") + "/s")
  }
}
