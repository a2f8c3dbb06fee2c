import RefluxStorage
import TestSupport

/// One run of everything that reads a store over arbitrary bytes.
enum StoreFuzz {
  /// What came out: whether all checks passed, and a digest of everything that was read.
  struct Outcome: Equatable {
    var isValid = false
    var content: UInt64?
  }

  /// Runs inspect, verify, open, read and recover; nothing may crash, hang or take much memory.
  static func run(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> Outcome {
    let path = try folder.write(bytes, to: "fuzz.rfx")
    var outcome = Outcome()
    _ = try? StoreInspection(path: path)
    outcome.isValid = (try? StoreVerification.verify(path: path))?.isValid ?? false
    outcome.content = readTokens(path) ?? readSamples(path)
    let output = folder.file("recovered.rfx")
    if (try? StoreRecovery.recover(path: path, output: output)) != nil {
      let isValid = try StoreVerification.verify(path: output).isValid
      precondition(isValid, "recovered but not valid")
    }
    return outcome
  }

  private static func readTokens(_ path: String) -> UInt64? {
    guard let store = try? TokenStore(path: path) else { return nil }
    var hasher = StableHasher()
    for start in store.documentStarts { hasher.add(UInt64(start)) }
    let reader = store.makeReader()
    for first in stride(from: 0, to: min(store.count, 1 << 16), by: 100) {
      guard let ids = try? reader.read(first..<min(first + 100, store.count)) else { return nil }
      for id in ids {
        precondition(Int(id) < store.vocabularySize, "an id beyond the vocabulary came out")
        hasher.add(UInt64(id))
      }
    }
    return hasher.value
  }

  private static func readSamples(_ path: String) -> UInt64? {
    guard let store = try? SampleStore(path: path) else { return nil }
    var hasher = StableHasher()
    let reader = store.makeReader()
    for number in 0..<min(store.count, 1 << 16) {
      guard let record = try? reader.record(number) else { return nil }
      precondition(record.ids.count <= store.capacity, "more ids than slots came out")
      for id in record.ids {
        precondition(Int(id) < store.vocabularySize, "an id beyond the vocabulary came out")
        hasher.add(UInt64(id))
      }
      for count in record.counts { hasher.add(UInt64(count)) }
      for weight in record.weights { hasher.add(UInt64(weight.bitPattern)) }
    }
    return hasher.value
  }
}
