import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Packed payloads with every bit flipped and cut at every length, under good checksums: a reader
/// gives an error or sets of the vocabulary, and never crashes.
@Suite struct PackedDamageTests {
  let folder = TemporaryFolder(isSmall: true)

  static let files = [
    "packed-counts", "packed-example", "packed-single", "packed-empty-sets", "packed-float32",
    "packed-logarithm8-extras",
  ]

  private func exercise(_ forge: StoreForge) throws -> Bool {
    let path = try folder.write(forge.bytes, to: "p.rfx")
    let isValid = try StoreVerification.verify(path: path).isValid
    let store = try SampleStore(path: path)
    let rows = try? StoreSamples.readAll(store)
    for row in rows ?? [] {
      #expect(row.ids.count <= store.capacity)
      #expect(row.ids.allSatisfy { $0 < store.vocabularySize })
    }
    let reader = store.makeReader()
    for number in stride(from: 0, to: store.count, by: 3) {
      guard let record = try? reader.record(number) else { continue }
      #expect(record.ids.allSatisfy { $0 < store.vocabularySize })
      if let rows { #expect(Set(record.ids) == Set(rows[number].ids)) }
    }
    #expect(!isValid || rows != nil, "what verifies can be read")
    return isValid
  }

  @Test(arguments: files) func everyBitFlip(name: String) throws {
    let forge = StoreForge(try FileSystem.readFile(path: GoldenStores.path(valid: name)))
    let payload = forge.payload(0)
    let stored = Int(forge.number(at: payload - 32, width: 4))
    for offset in payload..<payload + stored {
      for bit in DamageTests.bits(offset) {
        var changed = forge
        changed.bytes[offset] ^= 1 << UInt8(bit)
        changed.fixBlock(0)
        // The fingerprint knows the content, so that no change of it verifies.
        #expect(try !exercise(changed), "\(offset).\(bit)")
      }
    }
  }

  @Test(arguments: files) func everyTruncation(name: String) throws {
    let forge = StoreForge(try FileSystem.readFile(path: GoldenStores.path(valid: name)))
    let payload = forge.payload(0)
    let stored = Int(forge.number(at: payload - 32, width: 4))
    for length in stride(from: 0, to: stored, by: DamageTests.isThorough ? 1 : 5) {
      #expect(try !exercise(Self.cut(forge, to: length)), "\(length) bytes")
    }
  }

  /// The first block alone, its payload cut to `length` bytes.
  private static func cut(_ forge: StoreForge, to length: Int) -> StoreForge {
    let (start, payload) = (forge.blockOffset(0), forge.payload(0))
    var result = StoreForge(Array(forge.bytes[..<(payload + length)]))
    while result.bytes.count % 8 != 0 { result.bytes.append(0) }
    result.set(UInt64(length), at: start + 16, width: 4)
    result.fixBlock(at: start, as: 0)
    let (index, records) = (result.bytes.count, forge.number(at: start + 4, width: 4))
    let trailer = forge.bytes[forge.trailerOffset...]
    result.bytes += [UInt8](repeating: 0, count: 16) + trailer
    let end = result.trailerOffset
    let numbers: [UInt64] = [records, 1, 0, 1, UInt64(index), 16]
    for (place, number) in numbers.enumerated() {
      result.set(number, at: end + 8 * place, width: 8)
    }
    result.set(UInt64(result.bytes.count), at: end + 56, width: 8)
    result.set(UInt64(start), at: index, width: 8)
    result.fixIndex()
    result.fixTrailer()
    return result
  }

  @Test func theCutFileItselfIsSound() throws {
    let forge = StoreForge(
      try FileSystem.readFile(path: GoldenStores.path(valid: "packed-counts")))
    let stored = Int(forge.number(at: forge.payload(0) - 32, width: 4))
    let path = try folder.write(Self.cut(forge, to: stored).bytes, to: "p.rfx")
    let store = try SampleStore(path: path)
    #expect(try StoreSamples.readAll(store).count == 10)
  }
}
