import RefluxFiles
import RefluxStorage
import RefluxTargets
import TestSupport

/// The sample stores among the golden files.
extension GoldenStores {
  static func makeSamples(_ name: String, path: String) throws {
    switch name {
    case "samples-empty": try counts(path, [], configuration(300, 4, 4))
    case "samples-counts":
      let sets = StoreSamples.sets(10, vocabulary: 300, rounds: 8, seed: 4)
      try counts(path, sets, configuration(300, 8, 4))
    case "samples-lz4":
      let sets = Array(repeating: StoreSamples.CountedSet([5, 299], [3, 5]), count: 40)
      try counts(path, sets, configuration(300, 8, 32))
    case "samples-2-byte-counts":
      let sets: [StoreSamples.CountedSet] = [
        ([0, 69_999], [1, 299]), ([65_536], [300]), ([1, 2, 3], [256, 43, 1]),
      ]
      try counts(path, sets, configuration(70_000, 300, 2))
    case "samples-4-byte-counts":
      try counts(path, [([5, 6], [69_999, 1])], configuration(300, 70_000, 2))
    case "samples-extras": try extras(path)
    case "samples-tempered": try tempered(path)
    case "samples-free-texts":
      var free = configuration(300, 8, 4)
      free.provenance.notes = ["gamma": "nan", "target": "scores", "temperature": "0"]
      try counts(path, StoreSamples.sets(3, vocabulary: 300, rounds: 8, seed: 5), free)
    case "samples-shard":
      var shard = configuration(300, 2, 2)
      shard.firstPosition = 1 << 40
      try counts(path, [([5, 299], [1, 1]), ([7], [2]), ([6, 8], [1, 1])], shard)
    case "samples-folder": try samplesFolder(path)
    default: try weights(path, SampleValues(rawValue: String(name.dropFirst(8))) ?? .counts)
    }
  }

  static func makePacked(_ name: String, path: String) throws {
    var packed = configuration(300, 8, 16)
    packed.encoding = .packed
    packed.frequencies = (0..<300).map { UInt64(1) << UInt64(20 - min(20, $0 / 5)) }
    switch name {
    case "packed-empty": try counts(path, [], packed)
    case "packed-example": try example(path)
    case "packed-counts":
      packed.recordsPerBlock = 10
      try counts(path, packedSets, packed)
    case "packed-mixed": try counts(path, Array(packedSets[..<17]), packed)
    case "packed-single":
      packed.vocabularySize = 299
      packed.frequencies = []
      try counts(path, (0..<16).map { ([3 + $0 % 4], [8]) }, packed)
    case "packed-empty-sets":
      packed.values = .float32
      packed.recordsPerBlock = 64
      try weighted(path, Array(repeating: ([], []), count: 64), packed)
    case "packed-logarithm8-extras":
      packed.values = .logarithm8
      packed.extras = [.mass, .logsum, .entropy, .label]
      try weighted(path, packedWeights, packed)
    case "packed-temperature":
      packed.values = .float16
      packed.extras = [.label, .power]
      (packed.provenance.temperature, packed.provenance.gamma) = (2.5, 2)
      let writer = try SampleStoreWriter(path: path, configuration: packed, fileID: fileID)
      for set in packedWeights {
        try writer.append(ids: set.ids, weights: set.weights, extras: [0.25, 0.5])
      }
      _ = try writer.seal()
    default:
      packed.values = SampleValues(rawValue: String(name.dropFirst(7))) ?? .counts
      try weighted(path, packedWeights, packed)
    }
  }

  /// The file that SPEC.md takes apart byte by byte.
  private static func example(_ path: String) throws {
    var configuration = SampleStoreConfiguration(
      vocabularySize: 8, capacity: 4, provenance: StoreProvenance(rounds: 4))
    configuration.recordsPerBlock = 16
    configuration.encoding = .packed
    configuration.frequencies = [8, 1, 4, 1, 1, 2, 1, 1]
    let sets: [StoreSamples.CountedSet] = [
      ([0, 2], [3, 1]), ([0], [4]), ([2, 5, 7], [2, 1, 1]),
    ]
    try counts(path, Array(repeatElement(sets, count: 4).joined()), configuration)
  }

  /// Sets that use low ranks and, once each, the ends of the vocabulary.
  static var packedSets: [StoreSamples.CountedSet] {
    let low = StoreSamples.sets(19, vocabulary: 40, rounds: 8, seed: 9)
    return [([0, 299], [7, 1])] + low
  }

  private static var packedWeights: [(ids: [UInt32], weights: [Float])] {
    packedSets.enumerated().map { number, set in
      let count = number % 4 == 1 ? 0 : set.ids.count
      return (
        Array(set.ids[..<count]),
        (0..<count).map { $0 == 2 ? 0 : 0.75 / Float(1 + $0 + number) }
      )
    }
  }

  static func configuration(
    _ vocabulary: Int, _ rounds: Int, _ perBlock: Int
  ) -> SampleStoreConfiguration {
    StoreSamples.configuration(
      vocabulary: vocabulary, rounds: rounds, tokens: 0xFEDC_BA98_7654_3210, perBlock: perBlock)
  }

  private static func counts(
    _ path: String, _ sets: [StoreSamples.CountedSet], _ configuration: SampleStoreConfiguration,
    fileID: UInt64 = fileID
  ) throws {
    let writer = try SampleStoreWriter(path: path, configuration: configuration, fileID: fileID)
    for (position, set) in sets.enumerated() {
      try writer.append(ids: set.ids, counts: set.counts, token: UInt32(position % 5))
    }
    _ = try writer.seal()
  }

  private static func weighted(
    _ path: String, _ sets: [(ids: [UInt32], weights: [Float])],
    _ configuration: SampleStoreConfiguration
  ) throws {
    let writer = try SampleStoreWriter(path: path, configuration: configuration, fileID: fileID)
    for (position, set) in sets.enumerated() {
      let share = 1 / Float(1 + position)
      let extras = [share, -3 - share, 2 * share, share / 2][..<configuration.extras.count]
      try writer.append(ids: set.ids, weights: set.weights, extras: Array(extras))
    }
    _ = try writer.seal()
  }

  private static func weights(_ path: String, _ values: SampleValues) throws {
    var configuration = SampleStoreConfiguration(
      vocabularySize: 50_000, capacity: 3, values: values,
      provenance: StoreProvenance(
        tokenizerHash: 1, teacherHash: 9, teacher: "t", estimator: "topk", packing: "windows",
        rounds: 3, tau: 1, contextLength: 64, stride: 64))
    configuration.knownVocabulary = 49_000
    configuration.recordsPerBlock = 2
    try weighted(
      path, [([40_000, 7, 123], [0.25, 0.5, 0.125]), ([1, 2], [1, 0]), ([], [])], configuration)
  }

  private static func extras(_ path: String) throws {
    var configuration = configuration(300, 2, 2)
    configuration.extras = [.label, .mass, .entropy, .logsum]
    let writer = try SampleStoreWriter(path: path, configuration: configuration, fileID: fileID)
    try writer.append(ids: [5, 299], counts: [1, 1], token: 4, extras: [0.5, -1.5, 2.25, 0])
    try writer.append(ids: [7], counts: [2], token: 4, extras: [1, 0, 0, 1])
    try writer.append(ids: [6, 8], counts: [1, 1], extras: [0.125, 1e30, 3, 1e-30])
    _ = try writer.seal()
  }

  /// Counts of draws from p^0.5, with every optional field.
  private static func tempered(_ path: String) throws {
    var configuration = configuration(300, 4, 2)
    configuration.extras = TargetScalar.allCases
    (configuration.provenance.tau, configuration.provenance.isCorrected) = (0.5, false)
    (configuration.provenance.temperature, configuration.provenance.gamma) = (20, 0.5)
    let writer = try SampleStoreWriter(path: path, configuration: configuration, fileID: fileID)
    for (ids, counts) in [([5, 299], [1, 3]), ([7], [4]), ([6, 8], [2, 2])]
      as [StoreSamples.CountedSet]
    {
      let extras: [Float] = [0.5, -1.5, 2.25, 0.125, 14]
      try writer.append(ids: ids, counts: counts, token: 4, extras: extras)
    }
    _ = try writer.seal()
  }

  /// A plain shard and a packed one with blocks of another size.
  private static func samplesFolder(_ path: String) throws {
    try FileSystem.createDirectory(path: path)
    try counts(
      path + "/0.rfx", Array(packedSets[..<3]), configuration(300, 8, 2), fileID: 21)
    var packed = configuration(300, 8, 16)
    packed.encoding = .packed
    packed.firstPosition = 3
    try counts(path + "/1.rfx", Array(packedSets[3...]), packed, fileID: 22)
    _ = try StoreManifest.write(folder: path, names: ["0.rfx", "1.rfx"])
  }
}
