internal import RefluxFiles
internal import RefluxPipeline
internal import RefluxSampling
internal import RefluxStorage
internal import RefluxTargets

/// What a capture writes beside the sets.
extension Capture {
  func storeConfiguration() throws(StoreError) -> SampleStoreConfiguration {
    var result = SampleStoreConfiguration(
      vocabularySize: tokens.vocabularySize, capacity: source.capacity,
      values: source.isWeighted ? configuration.weights : .counts, provenance: provenance)
    result.knownVocabulary = tokens.header.knownVocabulary
    result.extras = configuration.extras
    result.firstPosition = range.lowerBound
    result.encoding = configuration.encoding
    result.level = configuration.level
    if configuration.encoding == .packed { result.frequencies = try tokens.frequencies() }
    return result
  }

  /// What an earlier run with the same settings has left under `path`, complete; nil where there is
  /// nothing yet.
  ///
  /// - Throws: `StoreError.differentStore` where the store there was made with others, and what
  ///   opening it throws.
  /// - Complexity: opens the store and reads none of it, so the ids are not counted.
  public func finished(at path: String) throws -> CaptureReport? {
    guard FileSystem.exists(path: path), try FileSystem.size(path: path) > 0 else { return nil }
    let store = try SampleStore(path: path)
    try store.check(madeAs: storeConfiguration(), records: range.count)
    let bytes = try FileSystem.size(path: path)
    return CaptureReport(
      records: store.count, resumedRecords: store.count, uniqueIDsPerRecord: nil,
      bytesPerRecord: Double(bytes) / Double(store.count), tokensPerSecond: .nan, finished: true,
      times: CaptureTimes())
  }

  /// Ids in the sets that earlier runs wrote.
  func countUnique(_ path: String, records: Int) throws(StoreError) -> Int {
    if records == 0 { return 0 }
    let reader = try SampleStore(path: path).makeReader()
    let share = 1024
    var offsets = [Int32](repeating: 0, count: share + 1)
    var ids = [UInt32](repeating: 0, count: share * source.capacity)
    var weights = [Float](repeating: 0, count: share * source.capacity)
    var offsetSpan = offsets.mutableSpan
    var idSpan = ids.mutableSpan
    var weightSpan = weights.mutableSpan
    var unique = 0
    for first in stride(from: 0, to: records, by: share) {
      let end = min(first + share, records)
      unique += try reader.read(
        first..<end, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan)
    }
    return unique
  }

  private var provenance: StoreProvenance {
    let sampler = configuration.sampler
    return StoreProvenance(
      tokenizerHash: tokens.header.provenance.tokenizerHash, tokensHash: tokens.fingerprint,
      teacherHash: source.hash, teacher: configuration.teacher,
      estimator: sampler.estimator.rawValue, packing: configuration.packing.rawValue,
      software: configuration.software, rounds: sampler.rounds, tau: sampler.tau,
      isCorrected: !sampler.isUncorrected, temperature: sampler.temperature,
      gamma: configuration.extras.contains(.power) ? configuration.gamma : nil,
      seed: sampler.seed, contextLength: configuration.context,
      stride: configuration.context, created: configuration.created,
      notes: configuration.notes.merging(source.notes) { own, _ in own })
  }
}

extension CaptureConfiguration {
  /// The same with its extras in the order of a store's fields.
  var ordered: CaptureConfiguration {
    var result = self
    result.extras = TargetScalar.allCases.filter(extras.contains)
    return result
  }
}
