import Foundation
import RefluxStorage
import RefluxTargets
import TestSupport

/// Appends, kills, resumes, follows and seals stores as bytes command, and compares what comes back
/// with what went in.
enum WriterFuzz {
  static func run(_ bytes: [UInt8], in folder: TemporaryFolder) throws {
    var commands = CommandBytes(bytes)
    let path = folder.file("written.rfx")
    try? FileManager.default.removeItem(atPath: path + ".partial")
    if commands.next(below: 3) == 0 {
      var run = TokenRun(path, &commands)
      try run.run(&commands)
    } else {
      var run = SampleRun(path, &commands)
      try run.run(&commands)
    }
  }

  /// What is left of a partial file when its end was torn off.
  static func tear(_ path: String, _ commands: inout CommandBytes) {
    let lost = commands.next() * commands.next(below: 4)
    guard lost > 0, let handle = FileHandle(forUpdatingAtPath: path + ".partial"),
      let size = try? handle.seekToEnd()
    else { return }
    try? handle.truncate(atOffset: size - min(size, UInt64(lost)))
    try? handle.close()
  }
}

/// A token store and the documents that it must hold.
private struct TokenRun {
  let path: String
  var configuration: TokenStoreConfiguration
  var documents: [[UInt32]] = []

  init(_ path: String, _ commands: inout CommandBytes) {
    self.path = path
    configuration = TokenStoreConfiguration(
      vocabularySize: commands.pick([1, 2, 256, 257, 65_536, 65_537, 1 << 24, 1 << 31]))
    configuration.recordsPerBlock = 1 + commands.next(below: 40)
    configuration.level = commands.next(below: 3)
  }

  mutating func run(_ commands: inout CommandBytes) throws {
    var writer = try TokenStoreWriter(path: path, configuration: configuration)
    while !commands.isAtEnd {
      switch commands.next(below: 8) {
      case 0:
        writer = try resume(after: consume writer, &commands)
      case 1: try follow()
      default:
        let count = commands.next(below: 60)
        let document = (0..<count).map { _ in
          UInt32(commands.wide(below: min(65_536, configuration.vocabularySize)))
        }
        try writer.append(document: document)
        if !document.isEmpty { documents.append(document) }
      }
    }
    let summary = try writer.seal()
    precondition(summary.records == documents.joined().count, "another number of tokens")
    try check()
  }

  private func resume(
    after writer: consuming TokenStoreWriter, _ commands: inout CommandBytes
  ) throws -> TokenStoreWriter {
    _ = consume writer
    WriterFuzz.tear(path, &commands)
    let result = try TokenStoreWriter.resume(path: path, configuration: configuration)
    for document in documents { try result.append(document: document) }
    return result
  }

  private func follow() throws {
    let store = try TokenStore(following: path + ".partial")
    precondition(store.count % store.header.recordsPerBlock == 0, "a block that is not full")
    let ids = try store.makeReader().read(0..<store.count)
    precondition(ids == Array(documents.joined().prefix(store.count)), "other tokens")
  }

  private func check() throws {
    let store = try TokenStore(path: path)
    let ids = try store.makeReader().read(0..<store.count)
    precondition(ids == Array(documents.joined()), "other tokens")
    var start = 0
    let starts = documents.map { document in
      defer { start += document.count }
      return start
    }
    let found = try store.documentStarts()
    precondition(found == starts, "other documents")
    let verification = try StoreVerification.verify(path: path, jobs: 2)
    precondition(verification.isValid, "\(verification.failures)")
  }
}

/// A sample store and the sets that it must hold.
private struct SampleRun {
  struct Row: Equatable {
    var ids: [UInt32]
    var counts: [UInt32] = []
    var weights: [Float] = []
    var extras: [TargetScalar: Float]
  }

  let path: String
  var configuration: SampleStoreConfiguration
  var rows: [Row] = []

  init(_ path: String, _ commands: inout CommandBytes) {
    self.path = path
    let rounds = commands.pick([1, 2, 3, 8, 50, 256, 65_535, 65_536])
    let vocabulary = commands.pick([1, 2, 3, 40, 256, 257, 3000])
    configuration = SampleStoreConfiguration(
      vocabularySize: vocabulary, capacity: rounds, values: commands.pick(SampleValues.allCases),
      provenance: StoreProvenance(tokensHash: 7, rounds: rounds))
    configuration.encoding = commands.pick(SampleEncoding.allCases)
    let chosen = commands.next(below: 32)
    configuration.extras = TargetScalar.allCases.enumerated()
      .filter { chosen >> $0.offset & 1 == 1 }.map(\.element)
    if configuration.extras.contains(.power) { configuration.provenance.gamma = 0.5 }
    if commands.next(below: 2) == 1 {
      configuration.frequencies = (0..<vocabulary).map { UInt64(1) << UInt64(60 - $0 % 61) }
    }
    configuration.recordsPerBlock = 1 + commands.next(below: 40)
  }

  mutating func run(_ commands: inout CommandBytes) throws {
    var writer = try SampleStoreWriter(path: path, configuration: configuration)
    while !commands.isAtEnd {
      switch commands.next(below: 8) {
      case 0: writer = try resume(after: consume writer, &commands)
      case 1: try compare(SampleStore(following: path + ".partial"), isWhole: false)
      default: try append(makeRow(&commands), to: writer, token: UInt32(commands.next()))
      }
    }
    let summary = try writer.seal()
    precondition(summary.records == rows.count, "another number of sets")
    try compare(SampleStore(path: path), isWhole: true)
    let verification = try StoreVerification.verify(path: path, jobs: 2)
    precondition(verification.isValid, "\(verification.failures)")
  }

  private mutating func resume(
    after writer: consuming SampleStoreWriter, _ commands: inout CommandBytes
  ) throws -> SampleStoreWriter {
    _ = consume writer
    WriterFuzz.tear(path, &commands)
    let result = try SampleStoreWriter.resume(path: path, configuration: configuration)
    precondition(result.recordCount <= rows.count, "more sets than were written")
    rows.removeSubrange(result.recordCount...)
    return result
  }

  private func makeRow(_ commands: inout CommandBytes) -> Row {
    let (rounds, vocabulary) = (configuration.provenance.rounds, configuration.vocabularySize)
    let most = min(rounds, vocabulary, 64)
    let isWeighted = configuration.values.isWeighted
    let size = isWeighted ? commands.next(below: most + 1) : 1 + commands.next(below: most)
    var ids: Set<UInt32> = []
    for _ in 0..<size { ids.insert(UInt32(commands.wide(below: vocabulary))) }
    var row = Row(ids: ids.sorted(), extras: [:])
    for extra in configuration.extras { row.extras[extra] = Float(commands.next()) / 64 }
    if isWeighted {
      row.weights = row.ids.map { _ in exp2(-Float(commands.next(below: 15))) }
      return row
    }
    row.counts = row.ids.map { _ in 1 }
    var rest = rounds - row.ids.count
    while rest > 0 {
      let part = min(rest, 1 + commands.wide(below: rounds))
      row.counts[commands.next(below: row.ids.count)] += UInt32(part)
      rest -= part
    }
    return row
  }

  private mutating func append(_ row: Row, to writer: SampleStoreWriter, token: UInt32) throws {
    let extras = TargetScalar.allCases.compactMap { row.extras[$0] }
    if configuration.values.isWeighted {
      try writer.append(ids: row.ids, weights: row.weights, token: token, extras: extras)
    } else {
      let reversed = Array(row.ids.reversed())
      try writer.append(
        ids: reversed, counts: row.counts.reversed(), token: token, extras: extras)
    }
    rows.append(row)
  }

  private func compare(_ store: SampleStore, isWhole: Bool) throws {
    let perBlock = store.header.recordsPerBlock
    let expected = isWhole ? rows.count : rows.count / perBlock * perBlock
    precondition(store.count == expected, "\(store.count) sets, not \(expected)")
    let reader = store.makeReader()
    for number in 0..<store.count {
      let found = try reader.record(number)
      let row = Row(
        ids: found.ids, counts: found.counts, weights: found.weights, extras: found.extras)
      precondition(row == rows[number], "set \(number) is another one")
    }
  }
}
