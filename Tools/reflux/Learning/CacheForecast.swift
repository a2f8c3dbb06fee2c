import RefluxBytes
import RefluxCapture
import RefluxJSON
import RefluxSampling
import RefluxStorage

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

  /// What `--dry-run` says, in a line.
  func expectation(_ trial: CaptureTrial) -> String {
    let forecast = forecast(trial)
    return "expecting \(Quantity.scaled(forecast.bytes, unit: "bytes")) for "
      + Quantity.scaled(Double(trial.records), unit: "tokens")
      + ", \(Quantity.decimal(forecast.bytesPerRecord)) bytes each, in about "
      + Self.time(Double(trial.records) / trial.tokensPerSecond)
  }

  private func forecast(_ trial: CaptureTrial) -> StoreForecast {
    StoreForecast(
      plan, uniqueIDsPerRecord: trial.uniqueIDsPerRecord,
      basis: "\(trial.measured) positions of this run, and the general model of bits per id")
  }

  /// After a few windows.
  func facts(_ trial: CaptureTrial) -> Facts {
    let forecast = forecast(trial)
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
