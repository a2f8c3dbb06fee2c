internal import RefluxBytes
public import RefluxCapture
internal import RefluxSampling
public import RefluxStorage

/// What a capture is going to come to, by a few of its windows.
public struct CacheForecast: Sendable, Equatable, CustomStringConvertible {
  private let plan: StoreForecast.Plan
  /// What the windows took.
  public let trial: CaptureTrial

  init(_ trial: CaptureTrial, of configuration: CaptureConfiguration, vocabularySize: Int) {
    self.trial = trial
    plan = StoreForecast.Plan(
      tokens: trial.records, vocabularySize: vocabularySize, rounds: configuration.sampler.rounds,
      encoding: configuration.encoding,
      values: configuration.sampler.isWeighted ? configuration.weights : .counts,
      extras: configuration.extras.count)
  }

  /// The size of the store.
  public var store: StoreForecast {
    StoreForecast(
      plan, uniqueIDsPerRecord: trial.uniqueIDsPerRecord,
      basis: "\(trial.measured) positions of this run, and the general model of bits per id")
  }

  /// The time it takes.
  public var seconds: Double { Double(trial.records) / trial.tokensPerSecond }

  public var description: String {
    let store = store
    return "expecting \(Quantity.scaled(store.bytes, unit: "bytes")) for "
      + Quantity.scaled(Double(trial.records), unit: "tokens")
      + ", \(Quantity.decimal(store.bytesPerRecord)) bytes each, in about "
      + Quantity.time(seconds)
  }
}
