import Foundation
import LearningSupport
import RefluxCapture
import RefluxFiles
import RefluxModel
import RefluxPipeline
import RefluxSampling
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// How a capture writes: beside the workers, in parts, with documents.
struct CaptureFlowTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func configuration(_ estimator: Estimator = .multinomial) -> CaptureConfiguration {
    CaptureConfiguration(
      sampler: SamplerConfiguration(estimator: estimator, rounds: 20, seed: 5),
      context: setup.run.window, batch: 7, teacher: "teacher")
  }

  private func capture(
    _ configuration: CaptureConfiguration, of tokens: TokenStore, to name: String,
    workers: Int = 2, stopAfter limit: Int = .max
  ) throws -> CaptureReport {
    let teacher = try setup.decoder("teacher", workers: Workers(count: workers))
    return try Capture(configuration, teacher: teacher, tokens: tokens)
      .run(to: setup.folder.file(name)) { done, _ in done < limit }
  }

  /// The stored stream several times over, with a document every so often.
  private func long(_ times: Int, documents length: Int, to name: String) throws -> TokenStore {
    let stream = Array(repeating: setup.data.tokens, count: times).flatMap { $0 }.dropLast(2)
    let writer = try TokenStoreWriter(
      path: setup.folder.file(name),
      configuration: TokenStoreConfiguration(vocabularySize: TrainingSetup.vocabulary))
    var (rest, size) = (stream[...], 1)
    while !rest.isEmpty {
      let document = Array(rest.prefix(size))
      try writer.append(document: document.span)
      rest = rest.dropFirst(size)
      size = size % length + 1
    }
    _ = try writer.seal()
    return try TokenStore(path: setup.folder.file(name))
  }

  private func records(_ name: String) throws -> [SampleRecord] {
    let store = try SampleStore(path: setup.folder.file(name))
    let reader = store.makeReader()
    return try (0..<store.count).map { try reader.record($0) }
  }

  /// A file's bytes as they would be with the id 1, which is else random.
  private func bytes(_ name: String) throws -> [UInt8] {
    let data = try Data(contentsOf: URL(fileURLWithPath: setup.folder.file(name)))
    var forge = StoreForge([UInt8](data))
    forge.set(1, at: 16, width: 8)
    forge.fixHeader()
    forge.fixDictionary()
    for block in 0..<forge.blockCount { forge.fixBlock(block) }
    forge.fixIndex()
    forge.fixTrailer()
    return forge.bytes
  }

  @Test(arguments: [SampleEncoding.packed, .plain])
  func fileIsTheSameForAnyWorkersAndStops(encoding: SampleEncoding) throws {
    let tokens = try long(9, documents: 40, to: "long.rfx")
    var configuration = configuration()
    configuration.encoding = encoding
    _ = try capture(configuration, of: tokens, to: "1.rfx", workers: 1)
    let whole = try bytes("1.rfx")
    _ = try capture(configuration, of: tokens, to: "3.rfx", workers: 3)
    #expect(try bytes("3.rfx") == whole)
    for stop in [900, 2500] {
      let report = try capture(configuration, of: tokens, to: "cut.rfx", stopAfter: stop)
      #expect(!report.finished && report.records >= stop && report.records < tokens.count)
    }
    #expect(try capture(configuration, of: tokens, to: "cut.rfx").finished)
    #expect(try bytes("cut.rfx") == whole)
  }

  /// Parts meet at windows, and joined they are the capture of all, to the byte.
  @Test(arguments: Packing.allCases, [1, 2, 5, 40])
  func partsJoinToTheWhole(packing: Packing, count: Int) throws {
    let tokens = try long(2, documents: 40, to: "tokens2.rfx")
    var configuration = configuration()
    configuration.packing = packing
    _ = try capture(configuration, of: tokens, to: "whole.rfx")
    var paths: [String] = []
    for index in 0..<count {
      configuration.part = CapturePart(index, of: count)
      let report = try capture(configuration, of: tokens, to: "part\(index).rfx")
      #expect(report.finished && report.records > 0)
      paths.append(setup.folder.file("part\(index).rfx"))
      let shard = try SampleStore(path: paths[index])
      #expect(packing == .bestFit || shard.firstPosition % setup.run.window == 0)
    }
    var rewriting = StoreRewriting()
    rewriting.tokens = tokens
    _ = try StoreMerge(paths).write(to: setup.folder.file("joined.rfx"), rewriting)
    #expect(try records("joined.rfx") == records("whole.rfx"))
    #expect(try bytes("joined.rfx") == bytes("whole.rfx"))
  }

  @Test func impossiblePartsAreRefused() throws {
    // 361 tokens in windows of 12: 31 windows.
    for (index, count) in [(0, 0), (2, 2), (-1, 2), (0, 32)] {
      var configuration = configuration()
      configuration.part = CapturePart(index, of: count)
      let error = #expect(throws: CaptureError.self) {
        try capture(configuration, of: setup.tokens, to: "x.rfx")
      }
      #expect("\(try #require(error))".hasPrefix("part is \(index) of \(count), expected "))
    }
  }

  /// A piece of a document has the sets that it has in a store of its own.
  @Test(arguments: [Packing.documents, .bestFit])
  func documentsStandForThemselves(packing: Packing) throws {
    let tokens = try long(1, documents: 30, to: "documents.rfx")
    var configuration = configuration(.topk)
    configuration.packing = packing
    _ = try capture(configuration, of: tokens, to: "marked.rfx")
    let (marked, window) = (try records("marked.rfx"), setup.run.window)
    #expect(
      try SampleStore(path: setup.folder.file("marked.rfx")).provenance.packing
        == packing.rawValue)
    let bounds = try tokens.documentStarts() + [tokens.count]
    var cuts = Set(bounds)
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      let first = packing == .documents ? (start / window + 1) * window : start
      cuts.formUnion(stride(from: first, to: end, by: window))
    }
    let pieces = cuts.sorted()
    #expect(pieces.count > 40)
    for (number, piece) in zip(pieces, pieces.dropFirst()).enumerated().prefix(24) {
      let ids = try tokens.makeReader().read(piece.0..<piece.1)
      let alone = try TrainingSetup.tokenStore(ids, at: setup.folder.file("\(number).rfx"))
      _ = try capture(self.configuration(.topk), of: alone, to: "alone\(number).rfx")
      for (found, expected) in zip(marked[piece.0...], try records("alone\(number).rfx")) {
        expectClose(found, expected)
      }
    }
  }

  private func expectClose(_ found: SampleRecord, _ expected: SampleRecord) {
    let weights = Dictionary(uniqueKeysWithValues: zip(found.ids, found.weights))
    for (id, weight) in zip(expected.ids, expected.weights) {
      // An id at the border may give way to another of the same probability.
      let least = expected.weights.min() ?? 0
      #expect(abs((weights[id] ?? least) - weight) < 1e-5, "record \(found.record), id \(id)")
    }
  }

  @Test func windowsOfPiecesAreFilledInOrder() throws {
    // Documents of 1, 2, ... 30 tokens in windows of 12.
    let tokens = try long(1, documents: 30, to: "documents.rfx")
    var configuration = configuration(.topk)
    configuration.packing = .bestFit
    configuration.part = CapturePart(1, of: 3)
    let teacher = try setup.decoder("teacher", workers: Workers(count: 1))
    let capture = try Capture(configuration, teacher: teacher, tokens: tokens)
    let bounds = try tokens.documentStarts()
    // A cut is where a document starts or a whole number of windows after that.
    for cut in [capture.range.lowerBound, capture.range.upperBound] where cut < tokens.count {
      let start = try #require(bounds.last { $0 <= cut })
      #expect((cut - start) % 12 == 0)
    }
  }

  /// Wherever the range starts, and however few positions it has.
  @Test func trialSaysWhatTheCaptureComesTo() throws {
    let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
    var configuration = configuration()
    for range in [0..<361, 100..<350, 83..<85, 360..<361] {
      configuration.range = range
      let capture = try Capture(configuration, teacher: teacher, tokens: setup.tokens)
      #expect(try capture.trial(windows: 4) { true } == nil)
      let trial = try #require(try capture.trial(windows: 4))
      #expect(trial.records == range.count && trial.tokensPerSecond > 0)
      #expect(trial.measured >= 4 && trial.measured <= 4 * 48)
      let name = "\(range.lowerBound).rfx"
      _ = try capture.run(to: setup.folder.file(name))
      let all = try records(name)
      let unique = Double(all.reduce(0) { $0 + $1.ids.count }) / Double(all.count)
      #expect(abs(trial.uniqueIDsPerRecord / unique - 1) < 0.2)
    }
  }
}
