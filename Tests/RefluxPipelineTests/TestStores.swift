import RefluxStorage
import RefluxTargets
import TestSupport

/// A token store and the samples of it, with contents that follow from the record's number.
struct TestStores {
  static let vocabulary = 5_000
  static let capacity = 40
  static let rounds = 40

  let folder = TemporaryFolder()
  let ids: [UInt32]
  let window: Int

  var tokensPath: String { folder.file("tokens.rfx") }
  var samplesPath: String { folder.file("samples.rfx") }

  /// Writes both stores.
  ///
  /// - Parameters:
  ///   - sampleCount: records of the sample store; nil for as many as there are tokens.
  ///   - context: what the samples say of the teacher's windows; nil for `window`.
  init(
    count: Int, window: Int, sampleCount: Int? = nil, context: Int? = nil, stride: Int? = nil,
    weighted: Bool = false, packing: String = "", firstPosition: Int = 0, seed: UInt64 = 1,
    scalars: [TargetScalar] = [], encoding: SampleEncoding = .plain
  ) throws {
    var random = TestRandom(seed: seed)
    ids = (0..<count).map { _ in UInt32(random.next() % UInt64(Self.vocabulary)) }
    self.window = window
    let fingerprint = try Self.writeTokens(ids, folder.file("tokens.rfx"))
    var provenance = StoreProvenance(
      tokensHash: fingerprint, teacher: "teacher", estimator: weighted ? "topk" : "multinomial",
      packing: packing, rounds: Self.rounds, contextLength: context ?? window,
      stride: stride ?? context ?? window)
    if scalars.contains(.power) { provenance.gamma = 0.5 }
    var configuration = SampleStoreConfiguration(
      vocabularySize: Self.vocabulary, capacity: Self.capacity,
      values: weighted ? .float32 : .counts, provenance: provenance)
    configuration.firstPosition = firstPosition
    (configuration.extras, configuration.encoding) = (scalars, encoding)
    let writer = try SampleStoreWriter(
      path: folder.file("samples.rfx"), configuration: configuration)
    for record in 0..<(sampleCount ?? count) {
      let set = Self.set(record)
      let extras = configuration.extras.map { Self.scalar($0, record) }
      if weighted {
        let weights = set.counts.map { Float($0) / 100 }
        try writer.append(ids: set.ids.span, weights: weights.span, extras: extras)
      } else {
        try writer.append(ids: set.ids.span, counts: set.counts.span, extras: extras)
      }
    }
    _ = try writer.seal()
  }

  private static func writeTokens(_ ids: [UInt32], _ path: String) throws -> UInt64 {
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: vocabulary))
    var start = 0
    while start < ids.count {
      let end = min(ids.count, start + 777)
      try writer.append(document: ids.span.extracting(start..<end))
      start = end
    }
    return try writer.seal().fingerprint
  }

  /// The sample set of a record: one to forty ids, counts that sum to `rounds`.
  static func set(_ record: Int) -> (ids: [UInt32], counts: [UInt32]) {
    let length = 1 + record % capacity
    let ids = (0..<length).map { UInt32((record * 7 + $0 * 39) % 120 + $0 * 120) }
    var counts = [UInt32](repeating: 1, count: length)
    counts[record / capacity % length] += UInt32(rounds - length)
    return (ids, counts)
  }

  /// A scalar of a record.
  static func scalar(_ scalar: TargetScalar, _ record: Int) -> Float {
    Float(record) / 16 + Float(TargetScalar.allCases.firstIndex(of: scalar) ?? 0) * 1_000
  }

  func tokens() throws -> TokenStore { try TokenStore(path: tokensPath) }
  func samples() throws -> SampleStore { try SampleStore(path: samplesPath) }
}
