import RefluxStorage
import RefluxTargets
import TestSupport

/// Stores of several blocks, the same in every run.
struct LongStores {
  let folder: TemporaryFolder
  var command: Command { Command(folder: folder) }

  static let vocabularySize = 300
  static let tokens = 70_000
  static let sets = 12_000

  /// Writes `tokens.rfx`: 70,000 tokens in documents of 1 to 999.
  func makeTokens(_ name: String = "tokens.rfx", seed: UInt64 = 1) throws {
    var random = TestRandom(seed: seed)
    var configuration = TokenStoreConfiguration(vocabularySize: Self.vocabularySize)
    configuration.provenance.tokenizerHash = 7
    let writer = try TokenStoreWriter(path: folder.file(name), configuration: configuration)
    while writer.recordCount < Self.tokens {
      let length = min(Int(random.next() % 999) + 1, Self.tokens - writer.recordCount)
      let document = (0..<length).map { _ in UInt32(random.next() % 300) }
      try writer.append(document: document)
    }
    _ = try writer.seal()
  }

  /// What a store of sets is to be; records need no more than four ids.
  func configuration(
    for tokens: String = "tokens.rfx", encoding: SampleEncoding = .packed,
    values: SampleValues = .counts, extras: [TargetScalar] = []
  ) throws -> SampleStoreConfiguration {
    let tokens = try TokenStore(path: folder.file(tokens))
    var result = SampleStoreConfiguration(
      vocabularySize: Self.vocabularySize, capacity: 4, values: values,
      provenance: StoreProvenance(
        tokenizerHash: 7, tokensHash: tokens.fingerprint, teacher: "teacher",
        estimator: "multinomial", rounds: 4, seed: 7, contextLength: 8, stride: 8))
    result.encoding = encoding
    result.extras = extras
    result.frequencies = encoding == .packed ? try tokens.frequencies() : []
    return result
  }

  /// The sets of the first positions: one to four ids, drawn four times in all.
  static func set(of position: Int, seed: UInt64 = 5) -> (ids: [UInt32], counts: [UInt32]) {
    var random = TestRandom(seed: seed &+ UInt64(position))
    var counts: [UInt32: UInt32] = [:]
    for _ in 0..<4 { counts[UInt32((random.next() % 6) * (random.next() % 50)), default: 0] += 1 }
    let ids = counts.keys.sorted()
    return (ids, ids.map { counts[$0] ?? 0 })
  }

  /// Writes `sets.rfx`, which belongs to `tokens.rfx`: 12,000 sets, or as many as are asked for.
  func makeSets(
    _ name: String = "sets.rfx", encoding: SampleEncoding = .packed, count: Int = Self.sets,
    extras: [TargetScalar] = []
  ) throws {
    let writer = try SampleStoreWriter(
      path: folder.file(name), configuration: try configuration(encoding: encoding, extras: extras))
    let ids = try TokenStore(path: folder.file("tokens.rfx")).makeReader().read(0..<count)
    for position in 0..<count {
      let set = Self.set(of: position)
      let numbers = extras.enumerated().map { Float($0.offset + 1) / Float(position % 7 + 8) }
      try writer.append(
        ids: set.ids, counts: set.counts, token: ids[position], extras: numbers)
    }
    _ = try writer.seal()
  }

  /// The sums of the tokens that the blocks of a store carry: 0 where nobody knows it.
  func sums(of name: String) throws -> [UInt64] {
    let bytes = try folder.bytes(name)
    return stride(from: 0, to: bytes.count - 48, by: 8).compactMap { offset in
      guard bytes[offset..<offset + 4].elementsEqual("RFXB".utf8) else { return nil }
      return bytes[offset + 32..<offset + 40].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// A fact of a store, as `inspect` prints it.
  func fact(_ label: String, of store: String) throws -> String? {
    let lines = try done("inspect", store).split(separator: "\n")
    let line = lines.first { $0.hasPrefix(label + "  ") }
    return line.map { String($0.dropFirst(label.count).drop { $0 == " " }) }
  }

  func fingerprint(_ store: String) throws -> String? { try fact("fingerprint", of: store) }

  /// Runs `reflux` and expects it to succeed.
  @discardableResult
  func done(_ arguments: String...) throws -> String { try done(arguments) }

  @discardableResult
  func done(_ arguments: [String]) throws -> String {
    let run = try command.run(arguments)
    precondition(run.exitCode == 0, "\(arguments): \(run.diagnostics)")
    return run.output
  }

  /// Changes a bit of the first block's payload.
  func damage(_ name: String, into target: String) throws {
    var bytes = try folder.bytes(name)
    let block = stride(from: 0, to: bytes.count, by: 8).first {
      bytes[$0...].starts(with: Array("RFXB".utf8))
    }
    bytes[(block ?? 0) + 60] ^= 0x10
    try folder.write(target, bytes)
  }
}
