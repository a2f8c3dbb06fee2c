import ArgumentParser
import RefluxBytes
import RefluxFiles
import RefluxJSON
import RefluxPipeline
import RefluxRecipes

/// What a training run will read, before it does.
struct PlanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show which windows a run takes, in which order, without reading them.",
    usage: SettingOptions<PlanSettings>.usage,
    discussion: """
      The plan is a function of the stores, the seed and the options: the same for any number of \
      threads, and its global order for any number of ranks. Rank r of w takes row r, r + w, ... \
      of every step.

      A mix is a JSON file: {"sources": [{"tokens": "a.rfx", "samples": "b.rfx", "weight": 0.7}, \
      ...], "phases": [{"from_token": 0, "weights": [0.7, 0.3]}, ...]}; a source may also have \
      "epochs" in place of "weight" (the run is then as long as all of them together), \
      "weights" (a store of 'reflux select'), "token_weight" (what its tokens count in the loss) \
      and "alpha" (the target's share in their \
      loss; the rest is cross-entropy with the label). Its paths count from the folder that it \
      lies in.

      EXAMPLES:
        reflux plan --tokens train.rfx --samples samples.rfx --batch 16
        reflux plan --mix mix.json --window 2048 --steps 10000 --json
        reflux plan --tokens train.rfx --ranks 8 --rank 3 --skip '100..<120'
      """)

  @OptionGroup var options: SettingOptions<PlanSettings>
  @Option(help: "Batches to show.")
  var show = 3
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard (0...10_000).contains(show) else { throw ValidationError("--show must be 0 to 10000") }
  }

  func run() throws {
    guard let settings = try options.resolve() else { return }
    try OutputGate(reading: settings.feed.data.paths()).admitStandardOutput()
    let feed = try OpenedFeed(settings.feed, observer: .console(isQuiet: false))
    let (plan, first) = (feed.plan, feed.configuration.startStep)
    let steps = settings.steps ?? feed.steps
    var facts = Facts()
    facts.add("steps", .integer(steps), text: Self.steps(steps, of: plan))
    facts.add("steps_per_epoch", .integer(plan.stepsPerEpoch))
    facts.add("windows", .integer(plan.windowCount), label: "windows to choose from")
    facts.add("window", .integer(plan.window), label: "tokens per window")
    facts.addHidden("tokens_per_step", .integer(plan.windowsPerStep * plan.window))
    facts.add("plan", .hash(plan.fingerprint), label: "hash of the plan")
    facts.addHidden("position", .object(plan.position(atStep: first).json))
    facts.add(
      "memory_bytes", .integer(feed.memoryBytes), label: "memory of the feed",
      text: Quantity.scaled(Double(feed.memoryBytes), unit: "bytes"))
    let quality = ShuffleQuality(of: plan)
    facts.add(
      "shuffle_displacement", .number(quality.displacement), label: "shuffle",
      text: Self.shuffle(quality))
    facts.addHidden("shuffle_neighbour_percent", .number(quality.neighbourPercent))
    let taken = feed.windowsTaken(steps: steps)
    facts.addHidden("sources", .array(Self.shares(plan, taken).map { .object($0) }))
    for (index, windows) in taken.enumerated() {
      facts.add(
        line: "takes " + Self.share(windows, of: index, in: plan), label: plan.sources[index].name)
    }
    let batches = (first..<first + min(show, steps)).map { Self.batch(feed, $0) }
    facts.addHidden("batches", .array(batches.map { .object($0) }))
    for batch in batches {
      facts.add(
        line: "windows " + (batch["windows"]?.line ?? ""),
        label: "step \(batch["step"]?.line ?? "")")
    }
    try facts.print(json: printing.json)
  }

  private static func shares(_ plan: FeedPlan, _ taken: [Int]) -> [JSONObject] {
    plan.sources.indices.map { index in
      [
        "source": .string(plan.sources[index].name),
        "windows": .integer(plan.windowCounts[index]),
        "windows_taken": .integer(taken[index]),
        "tokens_taken": .integer(taken[index] * plan.window),
        "epochs_taken": .number(Double(taken[index]) / Double(plan.windowCounts[index])),
      ]
    }
  }

  private static func batch(_ feed: OpenedFeed, _ step: Int) -> JSONObject {
    let rows = feed.rows(ofStep: step)
    return [
      "step": .integer(step), "data_step": .integer(feed.plan.dataStep(ofStep: step)),
      "sources": .integers(rows.map(\.source)), "epochs": .integers(rows.map(\.epoch)),
      "windows": .integers(rows.map(\.window)),
    ]
  }
}
