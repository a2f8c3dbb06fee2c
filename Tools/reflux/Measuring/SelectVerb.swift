public import ArgumentParser
import RefluxBytes
import RefluxEvaluation
import RefluxJSON
import RefluxRecipes

/// What a teacher should be asked about, or a student trained on.
struct SelectVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Keep the candidates, windows or documents that a teacher is least sure of.",
    discussion: """
      --pool ranks rows of logits and prints the numbers of the highest, ascending by score: the \
      teacher's entropy, the student's, or KL of the teacher to the student at a temperature. \
      'cutmix' makes such candidates from images: a box of each is pasted from another one; beside \
      the pool it writes NAME.partners.npy and NAME.boxes.npy (left, top, right, bottom). --stddev \
      says how far apart a teacher's mean probabilities of groups are (T.stddev; lower is better).

      --samples does the same for text by the entropies that 'reflux cache --record entropy' \
      keeps: the share of windows or documents with the highest mean weighs 1, the rest 0. \
      'reflux train --weights' takes the store; windows that weigh nothing are left out of its \
      epochs, so that a run over a fifth of the windows takes a fifth of the time.

      EXAMPLES:
        reflux select --pool logits.npy --pick 64
        reflux select --pool logits.npy --student own.npy --by kl --temperature 4 --pick 64 --json
        reflux select cutmix --images x.npy --runs 2 --seed 1 --output pool.npy
        reflux select --stddev groups.npy
        reflux select --samples samples.rfx --pick 0.2 --unit window --output weights.rfx
      """)

  @Argument(help: ArgumentHelp("'cutmix', to mix images.", valueName: "form"))
  var form: String?

  @Option(help: ArgumentHelp("The teacher's logits, [rows, vocabulary].", valueName: "file"))
  var pool: String?
  @Option(help: ArgumentHelp("The student's logits, [rows, vocabulary].", valueName: "file"))
  var student: String?
  @Option(help: "What ranks: entropy, student-entropy or kl. (default: entropy)")
  var by: PoolSelection.Score?
  @Option(help: ArgumentHelp("T of kl, above 0. (default: 4)", valueName: "t"))
  var temperature: Double?
  @Option(help: ArgumentHelp("Rows to keep of a pool; the share to keep of text.", valueName: "n"))
  var pick: Double?
  @Option(help: ArgumentHelp("Images, [n, channels, rows, columns].", valueName: "file"))
  var images: String?
  @Option(help: ArgumentHelp("Pools of n mixed images. (default: 2)", valueName: "n"))
  var runs: Int?
  @Option(help: ArgumentHelp("Seed of boxes and partners. (default: 0)", valueName: "n"))
  var seed: UInt64?
  @Option(
    help: ArgumentHelp(
      "Probabilities, [groups, classes] or [groups, rows, classes].", valueName: "file"))
  var stddev: String?
  @Option(help: ArgumentHelp("A sample store that keeps the entropy.", valueName: "store"))
  var samples: String?
  @Option(help: ArgumentHelp("Its token store, for documents.", valueName: "store"))
  var tokens: String?
  @Option(help: "What is kept as a whole: window or document. (default: window)")
  var unit: TextSelection.Unit?
  @Option(help: ArgumentHelp("Where the pool or the weights go.", valueName: "file"))
  var output: String?

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws { try SelectForm(self).check(self) }

  func run() throws {
    switch try SelectForm(self) {
    case .pool: try selectRows()
    case .cutmix: try mixImages()
    case .stddev: try measureSpread()
    case .text: try selectText()
    }
  }

  private func progress(_ unit: String) -> Progress {
    Progress("select", unit: unit, isQuiet: showing.quiet)
  }

  // MARK: Forms

  private func selectRows() throws {
    var recipe = PoolSelection(pool: pool ?? "", count: Int(pick ?? 1))
    (recipe.student, recipe.score) = (student, by ?? .entropy)
    recipe.temperature = temperature ?? recipe.temperature
    let progress = progress("rows")
    let result = try stoppable(at: nil, "nothing is kept; run the same command again") {
      try recipe.run(progress.observer)
    }
    progress.finish()
    var facts = Facts()
    facts.add("by", .string(recipe.score.rawValue))
    if recipe.score == .kl { facts.add("temperature", .number(recipe.temperature)) }
    facts.add("rows", .integer(result.rows))
    facts.add("ids", .integers(result.ids))
    facts.addHidden("scores", .array(result.scores.map { .number($0) }))
    try facts.print(json: printing.json)
  }

  private func mixImages() throws {
    let (images, output) = (images ?? "", output ?? "")
    let recipe = CutMixRecipe(
      images: images, runs: runs ?? 2, seed: seed ?? 0, output: output)
    let gate = replacing.gate(reading: [images])
    try gate.admit(output, as: .array)
    for other in [recipe.partners, recipe.boxes] {
      try gate.admit(other, as: .array, beside: output)
    }
    Interruption.finishSafely()
    let progress = progress("images")
    let mixes = try stoppable(output: output) { () throws(RecipeError) in
      try recipe.run(progress.observer)
    }
    progress.finish()
    var facts = Facts()
    facts.add("output", .string(output))
    facts.add("partners", .string(recipe.partners))
    facts.add("boxes", .string(recipe.boxes))
    facts.add("images", .integer(mixes[0].mix.partners.count))
    facts.addHidden("mixes", .array(mixes.map { .object(Self.object($0)) }))
    for (run, mix) in mixes.enumerated() {
      let (lambda, share) = (Quantity.decimal(mix.mix.lambda), Quantity.decimal(mix.keptShare))
      facts.add(line: "lambda \(lambda), kept \(share)", label: "run \(run)")
    }
    try facts.print(json: printing.json)
  }

  private static func object(_ run: CutMixRecipe.Run) -> JSONObject {
    let box = run.mix.box
    return [
      "lambda": .number(run.mix.lambda), "kept_share": .number(run.keptShare),
      "box": .integers([box.left, box.top, box.right, box.bottom]),
    ]
  }

  private func measureSpread() throws {
    let result: GroupSpread.Result
    do { result = try GroupSpread(stddev ?? "").run() } catch { throw Failure(error) }
    var facts = Facts()
    facts.add("groups", .integer(result.groups))
    facts.add("classes", .integer(result.classes))
    facts.add("stddev", .number(result.deviation), text: "\(result.deviation)")
    try facts.print(json: printing.json)
  }

  private func selectText() throws {
    let (samples, output) = (samples ?? "", output ?? "")
    try replacing.gate(reading: [samples, tokens]).admit(output, as: .rewrittenStore)
    Interruption.finishSafely()
    var recipe = TextSelection(samples: samples, share: pick ?? 1, output: output)
    (recipe.tokens, recipe.unit) = (tokens, unit ?? .window)
    (recipe.software, recipe.created) = (Reflux.software, Timestamp.now)
    let progress = progress("records")
    let result = try stoppable(output: output) { () throws(RecipeError) in
      try recipe.run(progress.observer)
    }
    progress.finish()
    var facts = Facts()
    facts.add("output", .string(output))
    facts.addHidden("by", .string("entropy"))
    facts.add("unit", .string(recipe.unit.rawValue))
    facts.add("units", .integer(result.units))
    facts.add("kept_units", .integer(result.keptUnits))
    facts.add("records", .integer(result.records))
    facts.add("kept_records", .integer(result.keptRecords))
    facts.add("mean_entropy", .number(result.meanEntropy))
    facts.add("kept_mean_entropy", .number(result.keptMeanEntropy))
    facts.add("lowest_kept_entropy", .number(result.lowestKeptEntropy))
    facts.add("fingerprint", .hash(result.fingerprint))
    try facts.print(json: printing.json)
  }
}

extension PoolSelection.Score: ExpressibleByArgument {}
extension TextSelection.Unit: ExpressibleByArgument {}
