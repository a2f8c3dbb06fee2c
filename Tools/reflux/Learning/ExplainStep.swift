import ArgumentParser
import RefluxFiles
import RefluxJSON
import RefluxPipeline
import RefluxRecipes

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
    try OutputGate(reading: settings.data.paths()).admitStandardOutput()
    let feed = try OpenedFeed(settings, observer: .console(isQuiet: false))
    let first = feed.configuration.startStep
    guard step >= first else {
      throw Failure(
        "step \(step) lies before the position's step \(first); name a later one",
        exitCode: .usage)
    }
    try feed.forEachPiece(ofStep: step) { try facts($0).printRow(json: printing.json) }
  }

  private func facts(_ piece: OpenedFeed.Piece) -> Facts {
    var facts = Facts()
    facts.add("step", .integer(step))
    facts.add("row", .integer(piece.number))
    facts.add("source", .string(piece.source))
    facts.add("epoch", .integer(piece.row.epoch))
    facts.add("window", .integer(piece.row.window))
    facts.add("position", .integer(piece.position))
    let records = piece.records
    facts.add(
      "records", .integers([records.lowerBound, records.upperBound]), text: "\(records)")
    facts.add("document", piece.document.map { .integer($0) } ?? .null)
    if let records = piece.documentRecords {
      facts.add(
        "document_records", .integers([records.lowerBound, records.upperBound]),
        text: "\(records)")
    }
    return facts
  }
}
