import ArgumentParser
import RefluxJSON
import RefluxLosses
import RefluxRecipes
import RefluxTargets

/// Any objective on arrays, by the book.
struct ObjectiveVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "objective",
    abstract: "Compute a published objective on arrays, by the book.",
    discussion: """
      Loss and gradient in float64, written like the equation: to see what an objective does, or \
      to hold other code to it. Options of the objective are words of the form key=value; 'reflux \
      objective list' shows every objective with its options, and the kinds of targets that it can \
      honestly take.

      Arrays are .npy files, safetensors files with a tensor of the array's name (student, \
      teacher, labels, weights), or lists of JSON. The loss is the mean of the rows by their \
      weights; a row with a label of -1 or -100 has none. --targets takes sets of ids in place of \
      the teacher: JSON lines as 'reflux cat' prints them, or ids beside counts or weights as \
      arrays. Where training has the objective too, its float32 loss is computed on the same rows: \
      kernel_loss, and the largest difference of its gradient, kernel_difference. llp takes scores \
      between 0 and 1.

      EXAMPLES:
        reflux objective list
        reflux objective fullkd temperature=2 --student s.npy --teacher t.npy
        reflux objective jsd beta=0.3 --student s.npy --targets sets.jsonl
        reflux objective pld --student s.npy --teacher t.npy --labels y.npy --json
        reflux objective llp --student s.npy --teacher t.npy --edges e.npy --edge-labels l.npy
        reflux objective tvd --student s.npy --teacher t.npy --gradient g.npy
      """)

  @Argument(help: ArgumentHelp("The objective, or 'list'.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("Options of the objective, key=value.", valueName: "options"))
  var options: [String] = []

  @Option(help: ArgumentHelp("The student's logits, [rows, vocabulary].", valueName: "file"))
  var student: String?
  @Option(help: ArgumentHelp("The teacher's logits, [rows, vocabulary].", valueName: "file"))
  var teacher: String?
  @Option(help: ArgumentHelp("Sets of ids in place of the teacher's logits.", valueName: "file"))
  var targets: String?
  @Option(
    help: ArgumentHelp(
      "The label of each row; rows with -1 or -100 do not count.", valueName: "file"))
  var labels: String?
  @Option(help: ArgumentHelp("What each row counts in the mean.", valueName: "file"))
  var weights: String?
  @Option(help: ArgumentHelp("Of llp: scores of links that are known.", valueName: "file"))
  var edges: String?
  @Option(help: ArgumentHelp("Of llp: 1 for each link, 0 for none.", valueName: "file"))
  var edgeLabels: String?
  @Option(
    help: ArgumentHelp("Where the gradient goes, a .npy array of float64.", valueName: "file"))
  var gradient: String?

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions

  private var isList: Bool { name == "list" }

  func validate() throws {
    if isList {
      let files = [student, teacher, targets, labels, weights, edges, edgeLabels, gradient]
      if options.isEmpty && files.allSatisfy({ $0 == nil }) { return }
      throw ValidationError("'list' takes no files and no options of objectives")
    }
    if teacher != nil && targets != nil {
      throw ValidationError("Give --teacher or --targets, not both")
    }
    if (edges == nil) != (edgeLabels == nil) {
      throw ValidationError("Give --edges and --edge-labels together")
    }
    if edges != nil && name != "llp" { throw ValidationError("--edges goes with llp") }
  }

  func run() throws {
    if isList { return try ObjectiveList.print(json: printing.json) }
    let objective: ObjectiveChoice
    do { objective = try ObjectiveChoice(name, options: options) } catch {
      throw Failure(error, at: "objective")
    }
    guard let student else {
      throw Failure(
        path: "objective", "missing --student <file>; see 'reflux objective --help'",
        exitCode: .usage)
    }
    if let gradient {
      let files = [objective.word("table"), objective.word("groups")]
      let gate = replacing.gate(
        reading: [student, teacher, targets, labels, weights, edges, edgeLabels] + files)
      try gate.admit(gradient, as: .array)
    }
    var recipe = ObjectiveRecipe(objective, student: student)
    (recipe.labels, recipe.weights) = (labels, weights)
    if objective.name.entry.kinds != [.label] {
      (recipe.teacher, recipe.targets) = (teacher, targets)
    } else if let idle = teacher ?? targets {
      Console.note("reflux: \(idle): '\(name)' learns from labels alone; the file is not read")
    }
    (recipe.edges, recipe.edgeLabels, recipe.gradient) = (edges, edgeLabels, gradient)
    do { try print(recipe.run(), of: objective) } catch {
      throw Failure(error, at: (error as? RecipeError)?.path ?? "objective")
    }
  }

  private func print(_ outcome: ObjectiveOutcome, of objective: ObjectiveChoice) throws(Failure) {
    var facts = Facts()
    func add(_ key: String, _ value: Double?) {
      if let value { facts.add(key, .number(value), text: "\(value)") }
    }
    facts.add("objective", .string(objective.description))
    add("loss", outcome.loss)
    let rows = outcome.result.rows
    facts.add(
      "rows", rows.map { .array($0.map { .number($0) }) } ?? .null,
      label: "loss of rows", text: rows.map(Self.shown) ?? "-")
    if let links = outcome.links {
      add("llp_d", links.scores)
      add("llp_r", links.ranks)
      add("bce", links.edges)
    }
    add("kernel_loss", outcome.kernelLoss)
    add("kernel_difference", outcome.kernelDifference)
    if let gradient { facts.add("gradient", .string(gradient)) }
    try facts.print(json: printing.json)
  }

  /// The first rows; scripts get all.
  private static func shown(_ rows: [Double]) -> String {
    rows.prefix(4).map { "\($0)" }.joined(separator: " ") + (rows.count > 4 ? " ..." : "")
  }
}
