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
    _ = try? TokenStore(following: path)
    _ = try? SampleStore(following: path)
    return outcome
  }

  /// Reads whole blocks, which takes another way through packed ones than single records.
  private static func readBlocks(_ store: SampleStore) -> Bool {
    let (reader, piece) = (store.makeReader(), 100)
    let room = piece * store.capacity
    if room > 1 << 20 { return true }
    var offsets = [Int32](repeating: 0, count: piece + 1)
    var ids = [UInt32](repeating: 0, count: room)
    var weights = [Float](repeating: 0, count: room)
    for first in stride(from: 0, to: min(store.count, 1 << 16), by: piece) {
      let records = first..<min(first + piece, store.count)
      var offsetSpan = offsets.mutableSpan
      var idSpan = ids.mutableSpan
      var weightSpan = weights.mutableSpan
      let end = try? reader.read(
        records, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan)
      guard let end else { return false }
      for index in 0..<end {
        precondition(Int(ids[index]) < store.vocabularySize, "an id beyond the vocabulary")
      }
    }
    return true
  }

  private static func readTokens(_ path: String) -> UInt64? {
    guard let store = try? TokenStore(path: path) else { return nil }
    var hasher = StableHasher()
    guard let starts = try? store.documentStarts() else { return nil }
    for start in starts { hasher.add(UInt64(start)) }
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
      for extra in store.header.extras {
        hasher.add(UInt64((record.extras[extra] ?? 0).bitPattern))
      }
    }
    return readBlocks(store) ? hasher.value : nil
  }
}
