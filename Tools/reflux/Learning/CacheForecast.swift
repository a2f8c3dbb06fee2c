import RefluxJSON
import RefluxSampling
import RefluxStorage
import RefluxTraining

/// What a capture is going to come to.
struct CacheForecast {
  private let plan: StoreForecast.Plan

  init(_ configuration: CaptureConfiguration, vocabularySize: Int, records: Int) {
    plan = StoreForecast.Plan(
      tokens: records, vocabularySize: vocabularySize, rounds: configuration.sampler.rounds,
      encoding: configuration.encoding,
      values: configuration.sampler.isWeighted ? configuration.weights : .counts,
      extras: configuration.extras.count)
  }

  /// Before anything is known of this teacher.
  var expectation: String {
    let forecast = StoreForecast(plan)
    return "expecting " + Quantity.scaled(forecast.bytes, unit: "bytes") + " for "
      + Quantity.scaled(Double(plan.tokens), unit: "tokens") + ", "
      + Quantity.decimal(forecast.bytesPerRecord) + " bytes each (" + forecast.basis + ")"
  }

  /// After a few windows.
  func facts(_ trial: CaptureTrial) -> Facts {
    let forecast = StoreForecast(
      plan, uniqueIDsPerRecord: trial.uniqueIDsPerRecord,
      basis: "\(trial.measured) positions of this run, and the general model of bits per id")
    var facts = Facts()
    facts.addHidden("dry_run", .bool(true))
    facts.add("records", .integer(trial.records))
    facts.add(
      "bytes", .integer(Int(forecast.bytes.rounded())), label: "size",
      text: Quantity.scaled(forecast.bytes, unit: "bytes"))
    facts.add("bytes_per_record", .number(forecast.bytesPerRecord))
    facts.add("unique_ids_per_record", .number(forecast.uniqueIDsPerRecord))
    facts.add("tokens_per_second", .number(trial.tokensPerSecond.rounded()))
    let seconds = Double(trial.records) / trial.tokensPerSecond
    facts.add("seconds", .number(seconds), label: "time", text: Self.time(seconds))
    facts.add("basis", .string(forecast.basis))
    return facts
  }

  static func time(_ seconds: Double) -> String {
    let days = seconds / 86_400
    return days < 2 ? Quantity.duration(seconds) : Quantity.decimal(days) + " days"
  }
}
