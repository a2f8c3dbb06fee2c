import Foundation
import RefluxJSON
import RefluxStorage
import Synchronization
import TestSupport
import Testing

@testable import RefluxBenchmarks

/// A tiny benchmark from end to end: never what its times are, only that they are figures.
@Suite struct StoreBenchmarkTests {
  let folder = TemporaryFolder()

  /// 1,024 records, two runs.
  private var configuration: StoreBenchmark.Configuration {
    var configuration = StoreBenchmark.Configuration(scratch: folder.path)
    (configuration.records, configuration.runs) = (1024, 2)
    return configuration
  }

  private func rows(
    samples: String? = nil, records: Int = 1024,
    benches: Set<StoreBenchmark.Bench> = Set(StoreBenchmark.Bench.allCases)
  ) throws -> [JSONObject] {
    var rows: [JSONObject] = []
    var configuration = configuration
    (configuration.samplesPath, configuration.records) = (samples, records)
    (configuration.simulatedBytes, configuration.benches) = (1 << 30, benches)
    try StoreBenchmark(configuration).run { rows.append($0.object) }
    return rows
  }

  /// Writes a store of `records` sets of two ids.
  private func makeStore(records: Int, weighted: Bool = false) throws -> String {
    let path = folder.file("real.rfx")
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 4096, capacity: 50, values: weighted ? .float32 : .counts,
        provenance: StoreProvenance(rounds: 50)))
    for record in 0..<records {
      let ids: [UInt32] = [UInt32(record % 1000), UInt32(1000 + record % 7)]
      if weighted {
        try writer.append(ids: ids, weights: [0.5, 0.25])
      } else {
        try writer.append(ids: ids, counts: [20, 30])
      }
    }
    _ = try writer.seal()
    return path
  }

  @Test func givesFiguresThatArePositive() throws {
    let rows = try rows()
    #expect(
      Set(rows.compactMap { $0["bench"]?.stringValue })
        == ["size", "decode", "random", "write", "open"])
    // Memory that was used before may be used again, and the seed is 0.
    let mayBeZero: Set = ["seed", "level", "memory_bytes"]
    for row in rows {
      for member in row.members where !mayBeZero.contains(member.key) {
        guard let value = member.value.doubleValue else { continue }
        #expect(value.isFinite && value > 0, "\(member.key)")
      }
      #expect(row["samples"] == .string("synthetic"))
      #expect(row["records"] == .integer(1024))
    }
  }

  @Test func measuresEveryForm() throws {
    let rows = try rows()
    let forms = rows.map { row in
      let encoding = row["encoding"]?.stringValue ?? ""
      return "\(row["bench"]?.stringValue ?? "") \(encoding) \(row["level"]?.doubleValue ?? -1)"
    }
    let plain = ["size", "decode", "random", "write", "open"].map { $0 + " plain 0.0" }
    let slow = ["size", "decode", "random"].map { $0 + " plain 9.0" }
    let packed = ["size", "decode", "random", "write", "open"].map { $0 + " packed 0.0" }
    #expect(forms == plain + slow + packed)
    // Packed blocks hold no LZ4.
    let limits = rows.compactMap { $0["limit_encoding"] }
    #expect(limits.count == 8 && limits.allSatisfy { $0 == .string("plain") })
  }

  /// The size rows can be checked against the sets themselves.
  @Test func weighsTheFiles() throws {
    let rows = try rows(benches: [.size])
    let sets = SyntheticSamples(seed: 0).sets(count: 1024)
    #expect(rows.count == 3)
    var bytes: [Double] = []
    for row in rows {
      let figure = { (key: String) in row[key]?.doubleValue ?? .nan }
      #expect(row["bench"] == .string("size"))
      #expect(figure("unique_ids_per_record") == sets.pairsPerRecord)
      #expect(figure("paper_bytes_per_record") == 3 * sets.pairsPerRecord)
      #expect(figure("entropy_bytes_per_record") == SetEntropy(sets).bitsPerSet / 8)
      #expect(figure("bytes_per_record") == figure("file_bytes") / 1024)
      // Nothing stores these sets in less than their entropy, or in more than full-width columns.
      #expect(figure("ratio_to_entropy") > 1)
      #expect(figure("bytes_per_record") < 220)
      bytes.append(figure("file_bytes"))
    }
    #expect(bytes[1] < bytes[0])
    // The packed file has its dictionary of half a byte per id.
    #expect(bytes[2] - 64_128 < bytes[1])
  }

  /// What is opened is as large as was asked for, but for less than a block, and mostly holes.
  @Test func opensALargeStore() throws {
    let rows = try rows(benches: [.open])
    #expect(rows.count == 2)
    for row in rows {
      let figure = { (key: String) in row[key]?.doubleValue ?? .nan }
      #expect(figure("requested_bytes") == 0x1p30)
      #expect((0x1p30 - 0x1p17...0x1p30).contains(figure("simulated_bytes")))
      #expect(figure("blocks") > 10_000)
      #expect(figure("index_bytes") > 8 * figure("blocks"))
      #expect(figure("index_bytes") < 8.1 * figure("blocks"))
      #expect(figure("far_record_ms") > 0)
      #expect(figure("memory_bytes") < 0x1p26)
    }
  }

  @Test func measuresARealStoreFirst() throws {
    let rows = try rows(samples: try makeStore(records: 3000), records: 2000)
    let names = rows.compactMap { $0["samples"]?.stringValue }
    #expect(names.first == "quickstart")
    #expect(names.filter { $0 == "quickstart" }.count * 2 == names.count)
    let first = try #require(rows.first)
    #expect(first["records"] == .integer(2000))
    #expect(first["vocabulary"] == .integer(4096))
    #expect(first["unique_ids_per_record"] == .number(2))
    #expect(first["seed"] == nil)
  }

  @Test func leavesNothingBehind() throws {
    _ = try rows()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test func refusesWeights() throws {
    let path = try makeStore(records: 10, weighted: true)
    #expect(throws: BenchmarkError.weighted(path: path)) { _ = try rows(samples: path) }
  }

  @Test func refusesAStoreOfOneBlock() throws {
    let path = try makeStore(records: 10)
    #expect {
      _ = try rows(samples: path)
    } throws: { error in
      guard case BenchmarkError.tooFewRecords(path, found: 10, needed: let needed) = error else {
        return false
      }
      return needed > 10
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["real.rfx"])
  }

  @Test func stopsWhenAsked() throws {
    let notes = Atomic<Int>(0)
    let observer = BenchmarkObserver(
      note: { _ in notes.add(1, ordering: .relaxed) },
      isInterrupted: { notes.load(ordering: .relaxed) >= 3 })
    let benchmark = StoreBenchmark(configuration, observer: observer)
    var rows: [BenchmarkRow] = []
    #expect(throws: BenchmarkError.interrupted) { try benchmark.run { rows.append($0) } }
    #expect(rows.map(\.bench) == ["size"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}
