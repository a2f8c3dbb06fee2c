import ArgumentParser
import RefluxBytes
import RefluxJSON
import RefluxStorage

/// Size and time before capture.
struct Forecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how large a sample store is going to be, and how long it takes.",
    discussion: """
      From the number of tokens, the vocabulary and the draws per token. The general model takes \
      0.974 x rounds^0.642 ids per set, the published curve of large teachers, and for packed \
      sets 14 bits per id at a vocabulary of 128,256 and 15.3 ids per set, 0.63 bits more for each \
      doubling of the vocabulary and 0.46 less for each doubling of the ids per set.

      Teachers differ: with --from the figures of a store that the same teacher made, if only of a \
      few thousand tokens, take the place of the model; vocabulary, rounds and encoding are that \
      store's unless others are named. With --tokens-per-second also the time.

      EXAMPLES:
        reflux forecast --tokens 100e9 --vocabulary 128256 --rounds 50
        reflux forecast --tokens 10000000 --from sample-of-teacher.rfx --tokens-per-second 25000
        reflux forecast --tokens 1e9 --vocabulary 151936 --rounds 50 --encoding plain --json
      """)

  @Option(help: ArgumentHelp("Positions to store, such as 100e9.", valueName: "count"))
  var tokens: Count

  @Option(help: ArgumentHelp("Size of the vocabulary.", valueName: "count"))
  var vocabulary: Int?

  @Option(help: ArgumentHelp("Draws per position.", valueName: "count"))
  var rounds: Int?

  @Option(help: "How sets are encoded: plain or packed (default: packed, or as the store).")
  var encoding: SampleEncoding?

  @Option(help: ArgumentHelp("A sample store of the same teacher.", valueName: "store"))
  var from: String?

  @Option(help: ArgumentHelp("Tokens that the teacher does in a second.", valueName: "rate"))
  var tokensPerSecond: Double?

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if from == nil, vocabulary == nil || rounds == nil {
      throw ValidationError("Give --vocabulary and --rounds, or --from")
    }
    if let vocabulary, !(1...1 << 24).contains(vocabulary) {
      throw ValidationError("--vocabulary must be 1 to 16777216")
    }
    if let rounds, !(1...Int(Int32.max)).contains(rounds) {
      throw ValidationError("--rounds must be 1 to 2147483647")
    }
    if let tokensPerSecond, !(tokensPerSecond > 0 && tokensPerSecond.isFinite) {
      throw ValidationError("--tokens-per-second must be above 0")
    }
  }

  func run() throws {
    let forecast = try from.map { try forecasting(from: $0) } ?? StoreForecast(plan(nil))
    var facts = Facts()
    let bytes = forecast.bytes.rounded()
    facts.add(
      "bytes", bytes < 9e18 ? .integer(Int(bytes)) : .number(bytes), label: "size",
      text: Quantity.scaled(bytes, unit: "bytes"))
    facts.add("bytes_per_record", .number(forecast.bytesPerRecord))
    facts.add("unique_ids_per_record", .number(forecast.uniqueIDsPerRecord))
    if let tokensPerSecond {
      let seconds = Double(tokens.value) / tokensPerSecond
      let days = seconds / 86_400
      facts.add(
        "seconds", .number(seconds), label: "time",
        text: days < 2 ? Quantity.duration(seconds) : Quantity.decimal(days) + " days")
    }
    facts.add("basis", .string(forecast.basis))
    try facts.print(json: printing.json)
  }

  private func plan(_ store: SampleStore?) -> StoreForecast.Plan {
    let isPacked = store?.header.hasDictionary ?? true
    return StoreForecast.Plan(
      tokens: tokens.value, vocabularySize: vocabulary ?? store?.vocabularySize ?? 1,
      rounds: rounds ?? store?.rounds ?? 1, encoding: encoding ?? (isPacked ? .packed : .plain))
  }

  private func forecasting(from path: String) throws -> StoreForecast {
    let progress = Progress("read", unit: "records", isQuiet: showing.quiet)
    let forecast = try at(path) {
      let store = try SampleStore(path: path)
      let statistics = try SampleStatistics(store) { done, total in
        progress.update(to: done, of: total)
        return true
      }
      return StoreForecast(plan(store), from: store, statistics)
    }
    progress.finish(summary: false)
    guard let forecast else {
      throw Failure(
        path: path, "has no records with counts; name a store of drawn samples",
        exitCode: .badData)
    }
    return forecast
  }
}

/// A whole number on the command line, also as `100e9` or `1.5e6`.
struct Count: ExpressibleByArgument {
  var value: Int

  init?(argument: String) {
    if let value = Int(argument) {
      self.value = value
    } else if let number = Double(argument), let value = Int(exactly: number) {
      self.value = value
    } else {
      return nil
    }
    if value < 0 { return nil }
  }
}
