internal import RefluxJSON

/// What one round of measurements is about: sample sets in one form.
struct StoreSubject {
  let sets: SampleSets
  /// The sets' name in rows: `synthetic`.
  let name: String
  /// Where the sets come from, for messages.
  let source: String
  let entropy: SetEntropy
  /// In how many sets each id stands.
  let frequencies: [UInt64]
  let form: StoreForm
  /// A folder of this subject alone, for its stores.
  let folder: String
  /// The seed of sets that were drawn.
  let seed: UInt64?

  /// Where the store is written.
  var path: String { folder + "/store.rfx" }
  /// Where the plain store of the same sets is written, if the store is none.
  var plainPath: String { folder + "/plain.rfx" }
  /// Where the store with holes is written.
  var simulatedPath: String { folder + "/simulated.rfx" }

  /// Writes the store to `path`; see `BenchmarkStore.write`.
  func write(_ form: StoreForm, to path: String) throws(BenchmarkError) {
    try BenchmarkStore.write(sets, form, frequencies: frequencies, path: path)
  }

  /// What every row says about them.
  var parameters: JSONObject {
    var parameters: JSONObject = [
      "samples": .string(name), "encoding": .string(form.encoding.rawValue),
      "level": .integer(form.level), "records": .integer(sets.count),
      "vocabulary": .integer(sets.vocabularySize),
    ]
    if let seed {
      parameters.add("seed", Int(exactly: seed).map { .integer($0) } ?? .string("\(seed)"))
    }
    return parameters
  }

  /// What a progress line says of a measurement.
  func announcement(_ bench: String) -> String {
    "\(bench): \(name), \(form.encoding.rawValue), level \(form.level)"
  }
}
