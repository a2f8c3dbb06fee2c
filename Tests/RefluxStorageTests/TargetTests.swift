import RefluxFiles
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// What a header says of the distribution that its sets are of.
@Suite struct TargetTests {
  let folder = TemporaryFolder(isSmall: true)

  static let tempered = StoreProvenance(
    estimator: "multinomial", rounds: 4, tau: 0.3, isCorrected: false, notes: ["run": "7"])

  private func configuration(
    _ provenance: StoreProvenance, _ values: SampleValues = .counts,
    extras: [TargetScalar] = []
  ) -> SampleStoreConfiguration {
    var result = SampleStoreConfiguration(
      vocabularySize: 30, capacity: 4, values: values, provenance: provenance)
    result.extras = extras
    return result
  }

  private func write(_ name: String, _ configuration: SampleStoreConfiguration) throws {
    let writer = try SampleStoreWriter(
      path: folder.file(name), configuration: configuration)
    let extras = configuration.extras.map { _ in Float(0.5) }
    for _ in 0..<5 {
      if configuration.values.isWeighted {
        try writer.append(ids: [3, 7], weights: [0.5, 0.25], extras: extras)
      } else {
        try writer.append(ids: [3, 7], counts: [1, 3], extras: extras)
      }
    }
    _ = try writer.seal()
  }

  private func store(_ name: String) throws -> SampleStore {
    #expect(try StoreVerification.verify(path: folder.file(name)).isValid)
    return try SampleStore(path: folder.file(name))
  }

  @Test(arguments: [1, 0.01, 100, 0.1, 1.0 / 3, 2.5, 20])
  func everyTargetComesBack(temperature: Double) throws {
    for (isCorrected, gamma) in [(true, nil), (false, nil), (true, 0.7), (false, 1.0 / 3)]
      as [(Bool, Double?)]
    {
      var provenance = Self.tempered
      (provenance.isCorrected, provenance.temperature) = (isCorrected, temperature)
      provenance.gamma = gamma
      try write("s.rfx", configuration(provenance, extras: gamma == nil ? [] : [.power]))
      let store = try store("s.rfx")
      #expect(store.provenance == provenance)
      #expect(
        store.facts
          == SetFacts(
            kind: .sampled, estimator: .multinomial, tau: 0.3, isCorrected: isCorrected,
            temperature: temperature, gamma: gamma, scalars: gamma == nil ? [] : [.power]))
    }
  }

  @Test func factsOfTopSetsAndOfUnknownEstimators() throws {
    let top = StoreProvenance(estimator: "topk", rounds: 4)
    try write("top.rfx", configuration(top, .float16, extras: [.label, .mass]))
    #expect(
      try store("top.rfx").facts
        == SetFacts(kind: .topk, estimator: .topk, scalars: [.mass, .label]))
    try write("other.rfx", configuration(StoreProvenance(estimator: "urn", rounds: 4)))
    #expect(try store("other.rfx").facts == SetFacts(kind: .sampled))
  }

  /// The header of a store without a target is as it always was, whatever its notes say.
  @Test func notesAloneBindNothing() throws {
    let notes = ["gamma": "x", "target": "y", "temperature": "z"]
    try write("s.rfx", configuration(StoreProvenance(rounds: 4, notes: notes)))
    let store = try store("s.rfx")
    #expect(store.provenance.notes == notes && store.facts == SetFacts(kind: .sampled))
    let forge = StoreForge(try FileSystem.readFile(path: folder.file("s.rfx")))
    #expect(forge.number(at: 48, width: 4) == 0)
  }

  static let refused: [(SampleValues, [TargetScalar], String, StoreProvenance)] = {
    func changed(_ change: (inout StoreProvenance) -> Void) -> StoreProvenance {
      var provenance = tempered
      change(&provenance)
      return provenance
    }
    return [
      (.float32, [], "target is weights, expected counts where tempered", tempered),
      (
        .counts, [], "tau is 1.0, expected above 0 and not 1 where tempered",
        changed { $0.tau = 1 }
      ),
      (
        .counts, [], "tau is -0.5, expected above 0 and not 1 where tempered",
        changed { $0.tau = -0.5 }
      ),
      (
        .counts, [], "temperature is 0.0, expected 0.01 to 100",
        changed { $0.temperature = 0 }
      ),
      (
        .counts, [], "temperature is nan, expected 0.01 to 100",
        changed { $0.temperature = .nan }
      ),
      (
        .counts, [], "temperature is 101.0, expected 0.01 to 100",
        changed { $0.temperature = 101 }
      ),
      (
        .counts, [], "gamma is 0.5, expected none without the field power",
        changed { $0.gamma = 0.5 }
      ),
      (.counts, [.power], "gamma is none, expected a number", tempered),
      (.counts, [.power], "gamma is 0.0, expected 0.01 to 8", changed { $0.gamma = 0 }),
      (.counts, [.power], "gamma is -1.0, expected 0.01 to 8", changed { $0.gamma = -1 }),
      (.counts, [.power], "gamma is nan, expected 0.01 to 8", changed { $0.gamma = .nan }),
    ]
  }()

  @Test(arguments: refused)
  func whatNoHeaderSaysIsRefused(
    values: SampleValues, extras: [TargetScalar], message: String, provenance: StoreProvenance
  ) throws {
    #expect(throws: StoreError.configuration(message)) {
      _ = try SampleStoreWriter(
        path: folder.file("s.rfx"), configuration: configuration(provenance, values, extras: extras)
      )
    }
  }

  @Test func tokenStoresHaveNoTarget() throws {
    #expect(throws: StoreError.configuration("target is one, expected none in a token store")) {
      _ = try TokenStoreWriter(
        path: folder.file("t.rfx"),
        configuration: TokenStoreConfiguration(vocabularySize: 9, provenance: Self.tempered))
    }
  }

  /// Neither an unsealed store nor a shard of another target is taken for the same.
  @Test(arguments: ["target", "temperature", "gamma"])
  func anotherTargetIsAnotherStore(setting: String) throws {
    var (mine, other) = (Self.tempered, Self.tempered)
    mine.gamma = 0.5
    other.gamma = 0.5
    switch setting {
    case "target": other.isCorrected = true
    case "temperature": other.temperature = 2
    default: other.gamma = 0.6
    }
    try write("0.rfx", configuration(mine, extras: [.power]))
    var second = configuration(other, extras: [.power])
    #expect(throws: StoreError.self) {
      try store("0.rfx").check(madeAs: second, records: 5)
    }
    second.firstPosition = 5
    try write("1.rfx", second)
    #expect {
      try StoreManifest.write(folder: folder.path, names: ["0.rfx", "1.rfx"])
    } throws: {
      "\($0)".contains("a shard has \(setting)")
    }
  }

  /// A rewritten store says the same of its sets.
  @Test func rewritingKeepsTheTarget() throws {
    var provenance = Self.tempered
    (provenance.temperature, provenance.gamma) = (2, 0.5)
    try write("s.rfx", configuration(provenance, extras: [.power, .label]))
    let facts = try store("s.rfx").facts
    var packed = configuration(provenance, extras: [.power, .label])
    packed.encoding = .packed
    try write("packed.rfx", packed)
    #expect(try store("packed.rfx").facts == facts)
    #expect(
      try store("packed.rfx").fingerprint == store("s.rfx").fingerprint)
  }
}
