internal import RefluxJSON

/// What one round of measurements is about: sample sets in one form.
struct StoreSubject {
  let sets: SampleSets
  /// The sets' name in rows: `synthetic`.
  let name: String
  /// Where the sets come from, for messages.
  let source: String
  let entropy: SetEntropy
  let form: StoreForm
  /// Where the store is written.
  let path: String
  /// The seed of sets that were drawn.
  let seed: UInt64?

  /// What every row says about them.
  var parameters: JSONObject {
    var parameters: JSONObject = [
      "samples": .string(name), "encoding": .string(form.encoding), "level": .string(form.level),
      "records": .integer(sets.count), "vocabulary": .integer(sets.vocabularySize),
    ]
    if let seed {
      parameters.add("seed", Int(exactly: seed).map { .integer($0) } ?? .string("\(seed)"))
    }
    return parameters
  }

  /// What a progress line says of a measurement.
  func announcement(_ bench: String) -> String {
    "\(bench): \(name), \(form.encoding), level \(form.level)"
  }
}
