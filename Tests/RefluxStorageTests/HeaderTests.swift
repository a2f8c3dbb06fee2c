import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Every number of header, block header, index and trailer at its edges, under good checksums: a
/// store must open and verify, or give an error; it must never crash or take much memory.
@Suite struct HeaderTests {
  let folder = TemporaryFolder(isSmall: true)

  static let widths: [(offset: Int, width: Int)] = [
    (8, 2), (10, 1), (11, 1), (12, 4), (16, 8), (24, 8), (32, 4), (36, 4), (40, 4), (44, 4),
    (48, 4), (52, 4), (56, 8), (64, 8), (72, 8), (80, 8), (88, 8), (96, 4), (100, 4), (104, 4),
    (108, 4), (112, 8), (120, 8), (128, 1), (129, 1), (130, 2), (132, 4), (144, 1), (145, 1),
    (146, 2), (148, 4), (160, 1), (161, 1), (162, 2), (164, 4), (176, 1), (177, 1), (180, 4),
  ]

  static func edges(_ width: Int, around value: UInt64) -> Set<UInt64> {
    let mask = width == 8 ? UInt64.max : (1 << UInt64(8 * width)) - 1
    let step = DamageTests.isThorough ? 1 : 7
    var all: [UInt64] = [0, mask, mask &- 1, value &+ 1, value &- 1]
    for bit in stride(from: 0, to: 8 * width, by: step) {
      let power: UInt64 = 1 << UInt64(bit)
      all += [power, power &- 1]
    }
    return Set(all.map { $0 & mask }).subtracting([value])
  }

  @Test(arguments: [
    "tokens-3-byte", "samples-counts", "samples-float32", "samples-extras", "packed-counts",
  ])
  func header(name: String) throws {
    let forge = try forge(name)
    let fields = forge.number(at: 11, width: 1)
    for (offset, width) in Self.widths where offset + width <= 120 + 16 * Int(fields) {
      for value in Self.edges(width, around: forge.number(at: offset, width: width)) {
        var changed = forge
        changed.set(value, at: offset, width: width)
        changed.fixHeader()
        let isValid = try exercise(changed)
        #expect(Self.isFree(offset, name, value) || !isValid, "offset \(offset) = \(value)")
      }
    }
  }

  /// Facts that no other byte of the file depends on may have any value in their range; and a
  /// vocabulary may be larger than its ids need.
  static func isFree(_ offset: Int, _ name: String, _ value: UInt64) -> Bool {
    switch offset {
    case 40, 44, 56, 72, 80, 88, 100, 104, 112: true
    // Where blocks say nothing about their tokens it may be anything.
    case 64: name != "samples-extras" && name != "packed-counts" || value != 0
    case 96: name == "tokens-3-byte" || name == "samples-float32"
    default: false
    }
  }

  @Test(arguments: ["tokens-3-byte", "samples-counts", "packed-counts"])
  func blockIndexAndTrailer(name: String) throws {
    let forge = try forge(name)
    let block = forge.blockOffset(1)
    let blockFields = [
      (0, 4), (4, 4), (8, 8), (16, 4), (20, 4), (24, 1), (25, 1), (26, 2), (28, 4),
    ]
    for (offset, width) in blockFields {
      try check(forge, block + offset, width) { $0.fixBlock(at: block, as: 1) }
    }
    for place in 0..<forge.blockCount + forge.documentCount {
      try check(forge, forge.indexPlace(place), 8) { $0.fixIndex() }
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
