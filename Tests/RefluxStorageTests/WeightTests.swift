import Foundation
import RefluxTargets
import TestSupport
import Testing

@testable import RefluxStorage

/// Weights in 32, 16 and 8 bits, and the optional fields.
@Suite struct WeightTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("weights.rfx") }

  private func store(
    _ values: SampleValues, _ weights: [Float], _ encoding: SampleEncoding = .plain
  ) throws -> [Float] {
    var configuration = SampleStoreConfiguration(
      vocabularySize: max(1, weights.count), capacity: max(1, weights.count), values: values,
      provenance: StoreProvenance())
    configuration.encoding = encoding
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    try writer.append(ids: weights.indices.map(UInt32.init), weights: weights)
    _ = try writer.seal()
    #expect(try StoreVerification.verify(path: path).isValid)
    return try SampleStore(path: path).makeReader().record(0).weights
  }

  @Test(arguments: SampleEncoding.allCases)
  func logarithmsOfAllBytes(encoding: SampleEncoding) throws {
    let all = WeightColumn.logarithms
    #expect(all.count == 256 && all[0] == 0 && all[255] == 1)
    for byte in 1..<255 {
      let exact = pow(2, Double(byte - 255) / 16)
      #expect(abs(Double(all[byte]) - exact) <= Double(all[byte].ulp) / 2 * (1 + 1e-9))
      #expect(all[byte] < all[byte + 1])
    }
    #expect(try store(.logarithm8, all, encoding) == all)
  }

  @Test func logarithmsRoundToTheNearest() throws {
    var random = TestRandom(seed: 4)
    let all = WeightColumn.logarithms
    var weights = (0..<2000).map { _ in exp2(-Float.random(in: 0..<17, using: &random)) }
    weights += [1, 0, all[1] / 2.01, all[1] / 1.99, .leastNonzeroMagnitude]
    for (weight, found) in zip(weights, try store(.logarithm8, weights)) {
      if weight < all[1] / 2 {
        #expect(found == 0)
      } else if weight >= all[1] {
        #expect(abs(Double(found) / Double(weight) - 1) <= 0.0219)
        let nearest = all.dropFirst().min {
          abs(log2(Double($0) / Double(weight))) < abs(log2(Double($1) / Double(weight)))
        }
        #expect(found == nearest)
      } else {
        #expect(found == all[1])
      }
    }
  }

  @Test(arguments: SampleEncoding.allCases) func halves(encoding: SampleEncoding) throws {
    // Every positive number of 16 bits, in stores of as many ids.
    let halves = (UInt16(0)..<0x7C00).map { Float(Float16(bitPattern: $0)) }
    #expect(try store(.float16, halves, encoding) == halves)
    var random = TestRandom(seed: 5)
    let weights = (0..<2000).map { _ in exp2(Float.random(in: -14..<15, using: &random)) }
    for (weight, found) in zip(weights, try store(.float16, weights, encoding)) {
      #expect(abs(found / weight - 1) <= 1 / 2048)
      #expect(found == Float(Float16(weight)))
    }
  }

  @Test func floatsAreExact() throws {
    var random = TestRandom(seed: 6)
    var weights = (0..<2000).map { _ in
      Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &random))
    }
    weights += [0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    for encoding in SampleEncoding.allCases {
      #expect(try store(.float32, weights, encoding) == weights)
    }
  }

  @Test(arguments: [
    (SampleValues.float32, [Float.nan, .infinity, -1, -0.0]),
    (.float16, [.nan, .infinity, -1, -0.0, 65_520, 1e30]),
    (.logarithm8, [.nan, .infinity, -1, -0.0, 1.0001, 2]),
  ])
  func refusesWhatAnEncodingCannotHold(values: SampleValues, weights: [Float]) throws {
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 10, capacity: 10, values: values, provenance: StoreProvenance()))
    for weight in weights {
      do {
        try writer.append(ids: [3], weights: [weight])
        Issue.record("\(weight) must be refused")
      } catch {
        guard case .refused(record: 0, .weightRange(_, id: 3, values)) = error else {
          throw error
        }
        #expect("\(error)".contains("\(values.rawValue) cannot hold"))
      }
    }
    let most: Float = values == .logarithm8 ? 1 : 65_504
    try writer.append(ids: [3], weights: [most])
    _ = try writer.seal()
    #expect(try SampleStore(path: path).makeReader().record(0).weights == [most])
  }

  static let fieldSubsets: [[TargetScalar]] = (0..<32).map { bits in
    TargetScalar.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
  }

  @Test(arguments: fieldSubsets) func optionalFields(extras: [TargetScalar]) throws {
    for (encoding, values) in [
      (SampleEncoding.plain, SampleValues.counts), (.packed, .counts), (.plain, .float16),
      (.packed, .float32),
    ] {
      var configuration = StoreSamples.configuration(
        vocabulary: 100, rounds: 4, encoding: encoding, perBlock: 5)
      configuration.values = values
      configuration.extras = extras.reversed()
      configuration.provenance.gamma = extras.contains(.power) ? 0.5 : nil
      let writer = try SampleStoreWriter(path: path, configuration: configuration)
      let numbers = (0..<12).map { record in
        extras.map { Float(record) / 8 - ($0 == .logsum ? 7 : 0) }
      }
      for record in 0..<12 {
        let id = UInt32(record)
        if values.isWeighted {
          try writer.append(ids: [id], weights: [0.5], extras: numbers[record])
        } else {
          try writer.append(ids: [id], counts: [4], extras: numbers[record])
        }
      }
      _ = try writer.seal()
      #expect(try StoreVerification.verify(path: path).isValid)
      let store = try SampleStore(path: path)
      #expect(store.header.extras == extras)
      let reader = store.makeReader()
      for record in 0..<12 {
        let found = try reader.record(record).extras
        #expect(found.count == extras.count)
        for (extra, number) in zip(extras, numbers[record]) { #expect(found[extra] == number) }
      }
    }
  }

  @Test func brokenOptionalFieldsAreRefused() throws {
    var configuration = StoreSamples.configuration(vocabulary: 100, rounds: 4)
    configuration.extras = [.mass, .logsum]
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    let broken: [([Float], RecordFault)] = [
      ([], .extraCount(0, expected: 2)), ([1], .extraCount(1, expected: 2)),
      ([1, 2, 3], .extraCount(3, expected: 2)), ([-1, 0], .extra(.mass, -1)),
      ([.infinity, 0], .extra(.mass, .infinity)), ([0, .infinity], .extra(.logsum, .infinity)),
    ]
    for (extras, fault) in broken {
      #expect(throws: StoreError.refused(record: 0, fault)) {
        try writer.append(ids: [1], counts: [4], extras: extras)
      }
    }
    try writer.append(ids: [1], counts: [4], extras: [0, -3])
    #expect(try writer.seal().records == 1)
  }
}
