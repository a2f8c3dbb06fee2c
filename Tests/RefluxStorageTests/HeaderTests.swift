import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Every number of header, block header, index and trailer at its edges, under good checksums: a
/// store must open and verify, or give an error; it must never crash or take much memory.
@Suite struct HeaderTests {
  let folder = TemporaryFolder(isSmall: true)

  static let widths: [(offset: Int, width: Int)] = [
    (8, 2), (10, 1), (11, 1), (12, 4), (16, 8), (24, 4), (28, 4), (32, 4), (36, 4), (40, 8),
    (48, 8), (56, 4), (60, 4), (64, 8), (72, 8), (80, 4), (84, 2), (86, 2), (88, 8), (96, 1),
    (97, 1), (98, 2), (100, 4), (112, 1), (116, 4), (128, 1), (129, 1), (132, 4),
  ]

  static func edges(_ width: Int, around value: UInt64) -> Set<UInt64> {
    let mask = width == 8 ? UInt64.max : (1 << UInt64(8 * width)) - 1
    let powers = (0...UInt64(8 * width - 1)).map { UInt64(1) << $0 }
    let all = [0, mask, mask - 1, value &+ 1, value &- 1] + powers + powers.map { $0 &- 1 }
    return Set(all.map { $0 & mask }).subtracting([value])
  }

  @Test(arguments: ["tokens-3-byte", "samples-counts", "samples-weights"])
  func header(name: String) throws {
    let forge = try forge(name)
    for (offset, width) in Self.widths where offset + width <= forge.headerBytes - 8 {
      for value in Self.edges(width, around: forge.number(at: offset, width: width)) {
        var changed = forge
        changed.set(value, at: offset, width: width)
        changed.fixHeader()
        let isValid = try exercise(changed)
        // Facts that no other byte of the file depends on may have any value in their range; names
        // may take over the filling, and a vocabulary may be larger than its ids need.
        let isFree =
          [32, 40, 48].contains(offset) || (60...86).contains(offset)
          || (offset == 56 && name != "samples-counts")
        #expect(isFree || !isValid, "offset \(offset) = \(value)")
      }
    }
  }

  @Test(arguments: ["tokens-3-byte", "samples-counts"])
  func blockIndexAndTrailer(name: String) throws {
    let forge = try forge(name)
    let block = forge.blockOffset(1)
    let blockFields = [(0, 4), (4, 4), (8, 8), (16, 4), (20, 4), (24, 1), (25, 1), (28, 4)]
    for (offset, width) in blockFields {
      try check(forge, block + offset, width) { $0.fixBlock(at: block, as: 1) }
    }
    for (offset, width) in [(0, 4), (4, 4), (8, 8), (16, 8), (24, 8), (32, 8)] {
      try check(forge, forge.indexOffset + offset, width) { changed in
        changed.fixIndex()
      }
    }
    for offset in stride(from: 0, to: 64, by: 8) {
      try check(forge, forge.trailerOffset + offset, 8) { $0.fixTrailer() }
    }
  }

  private func check(
    _ forge: StoreForge, _ offset: Int, _ width: Int, _ fix: (inout StoreForge) -> Void
  ) throws {
    for value in Self.edges(width, around: forge.number(at: offset, width: width)) {
      var changed = forge
      changed.set(value, at: offset, width: width)
      fix(&changed)
      #expect(try !exercise(changed), "offset \(offset) = \(value)")
    }
  }

  private func forge(_ name: String) throws -> StoreForge {
    StoreForge(try FileSystem.readFile(path: GoldenStores.path(valid: name)))
  }

  /// Opens, reads, inspects and verifies; returns whether everything was found in order.
  private func exercise(_ forge: StoreForge) throws -> Bool {
    let path = try folder.write(forge.bytes, to: "edge.rfx")
    let description = try? GoldenDescription(name: "", path: path)
    let verification = try? StoreVerification.verify(path: path)
    let isValid = verification?.isValid == true
    #expect(!isValid || description != nil, "what verifies can be read")
    return isValid
  }
}
