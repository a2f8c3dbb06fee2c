internal import RefluxJSON

/// What a series of measurements is about: sample sets in one form.
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
  /// Where the plain store of the same sets is written, if the store is not plain itself.
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

/// How a benchmark writes a store.
struct StoreForm: Equatable, Sendable {
  /// How sets become bytes.
  enum Encoding: String, Sendable { case plain, packed }

  let encoding: Encoding
  /// 0 for LZ4's fast mode, above that for its slower ones; packed blocks have no LZ4.
  let level: Int

  /// The forms that are measured: what writers do by default, the smallest plain one at LZ4's own
  /// default for its slow mode, and packed.
  static let all = [
    StoreForm(encoding: .plain, level: 0), StoreForm(encoding: .plain, level: 9),
    StoreForm(encoding: .packed, level: 0),
  ]

  /// The form as a part of a file's name.
  var name: String { encoding.rawValue + "-\(level)" }
  /// Whether writers use this level unless they are told otherwise.
  var isDefaultLevel: Bool { level == 0 }
  /// The plain form of the same level, whose blocks LZ4 is measured on.
  var plain: StoreForm { StoreForm(encoding: .plain, level: level) }
}
