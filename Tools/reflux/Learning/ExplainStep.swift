import ArgumentParser
import RefluxJSON
import RefluxPipeline
import RefluxRecipes
import RefluxStorage

/// Where the data of a step come from.
struct ExplainStep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain-step",
    abstract: "Show the store, document and records of every row of a step.",
    discussion: """
      Takes the options of the run, as 'reflux plan' does, and prints one row for each piece of a \
      document in each row of the batch.

      EXAMPLES:
        reflux explain-step 1234 --tokens train.rfx --batch 16 --window 256
        reflux explain-step 1234 --mix mix.json --json
      """)

  @Argument(help: "The step, from 0.")
  var step: Int
  @OptionGroup var options: SettingOptions<FeedSettings>
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard (0...1 << 48).contains(step) else { throw ValidationError("the step must be 0 to 2^48") }
  }

  func run() throws {
    guard let settings = try options.resolve() else { return }
    let (stores, plan, configuration) = try settings.open()
    guard step >= configuration.startStep else {
      throw Failure(
        "step \(step) lies before the position's step \(configuration.startStep); name a later one",
        exitCode: .usage)
    }
    var rows = Array(repeating: PlanRow(), count: plan.batch)
    var cursor = plan.makeCursor()
    plan.fill(step: step, rows: &rows, &cursor)
    for (number, row) in rows.enumerated() {
      let source = stores.sources[row.source]
      for piece in plan.pieces(of: row) {
        var record = piece.records.lowerBound
        while record < piece.records.upperBound {
          let document = try at(source.name) { try source.tokens.document(of: record) }
          let end = min(piece.records.upperBound, document?.records.upperBound ?? .max)
          var facts = Self.facts(step, number, row, source.name)
          facts.add("position", .integer(piece.position + record - piece.records.lowerBound))
          facts.add("records", .integers([record, end]), text: "\(record)..<\(end)")
          facts.add("document", document.map { .integer($0.number) } ?? .null)
          if let records = document?.records {
            facts.add(
              "document_records", .integers([records.lowerBound, records.upperBound]),
              text: "\(records)")
          }
          try facts.printRow(json: printing.json)
          record = end
        }
      }
    }
  }

  private static func facts(_ step: Int, _ number: Int, _ row: PlanRow, _ name: String) -> Facts {
    var facts = Facts()
    facts.add("step", .integer(step))
    facts.add("row", .integer(number))
    facts.add("source", .string(name))
    facts.add("epoch", .integer(row.epoch))
    facts.add("window", .integer(row.window))
    return facts
  }
}
