import RefluxBytes
import RefluxCapture
import RefluxJSON
import RefluxRecipes
import RefluxStorage

extension CacheForecast {
  /// After a few windows.
  var facts: Facts {
    let store = store
    var facts = Facts()
    facts.addHidden("dry_run", .bool(true))
    facts.add("records", .integer(trial.records))
    facts.add(
      "bytes", .integer(Int(store.bytes.rounded())), label: "size",
      text: Quantity.scaled(store.bytes, unit: "bytes"))
    facts.add("bytes_per_record", .number(store.bytesPerRecord))
    facts.add("unique_ids_per_record", .number(store.uniqueIDsPerRecord))
    facts.add("tokens_per_second", .number(trial.tokensPerSecond.rounded()))
    facts.add("seconds", .number(seconds), label: "time", text: Quantity.time(seconds))
    facts.add("basis", .string(store.basis))
    return facts
  }
}

extension CaptureReport {
  /// Of a store that is complete.
  func facts(output: String) -> Facts {
    var facts = Facts()
    facts.add("output", .string(output))
    facts.add("records", .integer(records))
    facts.add("unique_ids_per_record", .number(uniqueIDsPerRecord ?? .nan))
    facts.add("bytes_per_record", .number(bytesPerRecord ?? .nan))
    facts.add("tokens_per_second", .number(tokensPerSecond.rounded()))
    facts.addHidden("forward_seconds", .number(times.forward))
    facts.addHidden("sampling_seconds", .number(times.sampling))
    facts.addHidden("storing_seconds", .number(times.storing))
    facts.addHidden("store_wait_seconds", .number(times.waiting))
    return facts
  }
}
