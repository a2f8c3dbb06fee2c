import RefluxLosses
import RefluxModel
import TestSupport
import Testing

/// Packed windows against their documents, each in a window of its own.
struct DocumentTests {
  /// The stored windows cut into documents: no two windows alike, some documents of one token.
  private struct Packed {
    let stored: StoredFamily
    let ids: [UInt32]
    let documents: [Range<Int>]

    init(_ name: String) throws {
      stored = try StoredFamily(name)
      let (count, window) = (stored.tokens.count, stored.window)
      let cuts = [0, 5, 6, window / 2, window, window + 1, 2 * window - 3]
      let starts = (cuts.filter { $0 < count } + Array(stride(from: 0, to: count, by: window)))
      let sorted = Set(starts).sorted()
      documents = zip(sorted, sorted.dropFirst() + [count]).map { $0..<$1 }
      // Ids need only differ from their neighbours'.
      ids = documents.enumerated().flatMap { number, records in
        records.map { _ in UInt32(number % 3) }
      }
    }
  }

  @Test(arguments: StoredFamily.names)
  func logitsAreThoseOfEachDocumentAlone(name: String) throws {
    let packed = try Packed(name)
    let setup: ModelSetup<Float> = try packed.stored.setup()
    let found = setup.logits(
      packed.stored.tokens, documents: packed.ids, window: packed.stored.window)
    let expected = packed.documents.flatMap { records in
      setup.logits(Array(packed.stored.tokens[records]), window: records.count)
    }
    #expect(relativeError(found, expected) < 1e-5)
    let whole = setup.logits(packed.stored.tokens, window: packed.stored.window)
    #expect(relativeError(found, whole) > 1e-3)
  }

  @Test(arguments: StoredFamily.names)
  func gradientsAreTheSumOfThoseOfEachDocument(name: String) throws {
    let packed = try Packed(name)
    let (stored, labels) = (packed.stored, packed.stored.labels)
    let setup: ModelSetup<Float> = try stored.setup()
    let found = setup.train(stored.tokens, documents: packed.ids, window: stored.window) {
      RowTarget(label: labels[$0])
    }
    var (loss, sums) = (0.0, [Double](repeating: 0, count: found.gradients.count))
    for records in packed.documents {
      let own = setup.train(Array(stored.tokens[records]), window: records.count) {
        RowTarget(label: labels[records.lowerBound + $0])
      }
      let share = Double(records.count) / Double(stored.tokens.count)
      loss += share * own.loss
      for index in sums.indices { sums[index] += share * Double(own.gradients[index]) }
    }
    #expect(abs(found.loss - loss) < 1e-6 * loss)
    let scale = found.gradients.map(abs).max() ?? 0
    let expected = sums.map { Float($0) }
    for entry in setup.decoder.table.entries {
      let error = relativeError(
        setup.gradient(entry.name, in: found.gradients),
        setup.gradient(entry.name, in: expected), atLeast: 1e-3 * scale)
      #expect(error < 5e-5, "\(entry.name)")
    }
  }

  /// Documents are told by ids; one document is what no ids mean.
  @Test func oneDocumentPerWindowChangesNoBit() throws {
    let stored = try StoredFamily("llama3")
    let setup: ModelSetup<Float> = try stored.setup()
    let ids = [UInt32](repeating: 7, count: stored.tokens.count)
    let found = setup.logits(stored.tokens, documents: ids, window: stored.window)
    #expect(found == setup.logits(stored.tokens, window: stored.window))
  }
}
