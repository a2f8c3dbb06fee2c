import ArgumentParser
import RefluxBytes
import RefluxFiles
import RefluxJSON
import RefluxRecipes
import RefluxReport

/// Runs of training side by side.
struct ReportVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Compare runs of training on one page with charts.",
    discussion: """
      A run is the output folder of 'reflux train', or the metrics.jsonl in it; it may still be \
      running. A folder of such folders, as 'reflux quickstart' makes, stands for all of them. \
      The page shows what was set differently, training and held-out loss by tokens, learning \
      rate, gradient norm, rate, data wait and reliability; it is one file that needs nothing \
      else. A line for each run, and for each setting that differs, goes to standard output.

      EXAMPLES:
        reflux report student
        reflux report quickstart
        reflux report runs/ce runs/rskd runs/fullkd --output comparison.html --json
      """)

  @Argument(help: ArgumentHelp("Output folders of 'reflux train'.", valueName: "run"))
  var runs: [String]
  @Option(
    help: ArgumentHelp(
      "Where the page goes; an older page of this verb is replaced.", valueName: "file"))
  var output = "report.html"

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions

  func run() throws {
    let page = try PageOutput(
      output, .runs, replacing.gate(reading: runs), json: printing.json)
    let runs = try read()
    try page.write(RunComparison.report(runs).html())
    if page.isStandardOutput { return }
    var facts = Facts()
    for run in runs { facts.add(line: Self.line(run.row), label: run.name) }
    let differences = RunComparison.differences(runs)
    for difference in differences {
      facts.add(line: difference.values.joined(separator: ", "), label: difference.setting)
    }
    facts.addHidden("differences", .array(differences.map(Self.object)))
    facts.addHidden("runs", .array(runs.map { Self.object($0) }))
    facts.add("report", .string(output))
    try facts.print(json: printing.json)
  }

  private func read() throws(Failure) -> [RunMetrics] {
    do { return try RunComparison.read(runs) } catch { throw Failure(error) }
  }

  private static func line(_ row: RunRow) -> String {
    var parts = [
      "\(Quantity.grouped(row.steps)) steps", "loss \(decimal(row.loss))",
      Quantity.scaled(row.tokensPerSecond ?? .nan, unit: "tokens") + "/s",
    ]
    if let loss = row.heldOutLoss {
      parts.insert("held-out \(decimal(loss)), ECE \(decimal(row.ecePercent))%", at: 2)
    }
    return parts.joined(separator: ", ")
  }

  private static func decimal(_ value: Double?) -> String { Quantity.decimal(value ?? .nan) }

  private static func object(_ difference: RunReport.Difference) -> JSONValue {
    .object([
      "setting": .string(difference.setting),
      "values": .array(difference.values.map { .string($0) }),
    ])
  }

  private static func object(_ run: RunMetrics) -> JSONValue {
    let row = run.row
    let number = { (value: Double?) -> JSONValue in value.map { .number($0) } ?? .null }
    return .object([
      "name": .string(row.name), "path": .string(run.path), "steps": .integer(row.steps),
      "tokens": .integer(row.tokens), "loss": number(row.loss),
      "held_out_loss": number(row.heldOutLoss),
      "lowest_held_out_loss": number(row.bestHeldOutLoss),
      "held_out_ece_percent": number(row.ecePercent),
      "tokens_per_second": number(row.tokensPerSecond),
      "data_wait_percent": number(row.dataWaitPercent), "seconds": number(row.seconds),
    ])
  }
}
