import Foundation
import LearningSupport
import RefluxCapture
import RefluxFiles
import RefluxInterchange
import RefluxMemory
import RefluxModel
import RefluxSampling
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// Captures of logits that were made elsewhere.
struct LogitsFileTests {
  let setup: TrainingSetup
  static let ids = TrainingSetup.vocabulary

  init() throws { setup = try TrainingSetup() }

  private func configuration(_ estimator: Estimator, _ rounds: Int = 12) -> CaptureConfiguration {
    CaptureConfiguration(
      sampler: SamplerConfiguration(estimator: estimator, rounds: rounds, seed: 5),
      context: setup.run.window, batch: 7, teacher: "elsewhere")
  }

  /// The teacher's logits, in the shapes in which a capture computes them.
  private func logits() throws -> [Float] {
    let teacher = try setup.decoder("teacher", workers: Workers(count: 1))
    let pass = teacher.makeForwardPass(windows: 7, window: 12)
    let arena = Arena()
    let row = arena.takeMatrix(64, Self.ids, of: Float.self)
    var all: [Float] = []
    for first in stride(from: 0, to: 361, by: 84) {
      var ids = Array(setup.data.tokens[first..<min(first + 84, 361)])
      let count = ids.count
      ids += Array(repeating: 0, count: (count + 11) / 12 * 12 - count)
      pass.run(ids.span)
      for start in stride(from: 0, to: ids.count, by: 64) {
        let rows = min(64, ids.count - start)
        pass.logits(start..<start + rows, into: row.rows(0, rows), worker: 0)
        for index in 0..<rows where start + index < count {
          all += (0..<Self.ids).map { row.row(index)[$0] }
        }
      }
    }
    return withExtendedLifetime(arena) { all }
  }

  private func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }

  private func npy(_ values: [Float], rows: Int = 361, to name: String) throws -> String {
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(Self.ids)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]
    return try setup.folder.write(magic + Array(header.utf8) + floats(values), to: name)
  }

  /// A safetensors file of raw tensors.
  private func safetensors(
    _ tensors: [(name: String, type: String, shape: [Int], bytes: [UInt8])], to name: String
  ) throws -> String {
    var (parts, data): ([String], [UInt8]) = ([], [])
    for tensor in tensors {
      let end = data.count + tensor.bytes.count
      parts.append(
        "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
          + "\"data_offsets\":[\(data.count),\(end)]}")
      data += tensor.bytes
    }
    let header = Array(("{" + parts.joined(separator: ",") + "}").utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    return try setup.folder.write(length + header + data, to: name)
  }

  private func capture(
    _ path: String, _ configuration: CaptureConfiguration, to name: String = "x.rfx",
    tensor: String? = nil, workers: Int = 2
  ) throws -> [SampleRecord] {
    for path in [name, name + ".partial"] {
      try? FileSystem.remove(path: setup.folder.file(path))
    }
    let file = try LogitsFile(path: path, tensor: tensor)
    let capture = try Capture(
      configuration, logits: file, tokens: setup.tokens, workers: Workers(count: workers))
    let report = try capture.run(to: setup.folder.file(name))
    #expect(report.finished && report.records == 361)
    let reader = try SampleStore(path: setup.folder.file(name)).makeReader()
    return try (0..<361).map { try reader.record($0) }
  }

  private func captureTeacher(_ configuration: CaptureConfiguration) throws -> [SampleRecord] {
    let teacher = try setup.decoder("teacher", workers: Workers(count: 2))
    let path = setup.folder.file("teacher.rfx")
    _ = try Capture(configuration, teacher: teacher, tokens: setup.tokens).run(to: path)
    let reader = try SampleStore(path: path).makeReader()
    return try (0..<361).map { try reader.record($0) }
  }

  @Test(arguments: Estimator.allCases)
  func setsAreThoseOfTheTeacherOfTheSameLogits(estimator: Estimator) throws {
    var configuration = configuration(estimator)
    configuration.extras = TargetScalar.allCases
    let path = try npy(logits(), to: "logits.npy")
    let expected = try captureTeacher(configuration)
    #expect(try capture(path, configuration) == expected)
    #expect(try capture(path, configuration, workers: 1) == expected)
    let store = try SampleStore(path: setup.folder.file("x.rfx"))
    #expect(throws: Never.self) { try store.check(against: setup.tokens) }
    #expect(store.provenance.teacher == "elsewhere" && store.provenance.teacherHash != 0)
    #expect(
      store.provenance.notes
        == ["logits": "logits.npy", "logits-kind": "dense", "logits-type": "f32"])
  }

  /// Files of NumPy and the safetensors library, whose logits an independent teacher computed in
  /// float64.
  @Test(arguments: [
    ("logits-f16.npy", Float(2e-3)), ("logits-f64.npy", 1e-5), ("logits-bf16.safetensors", 2e-2),
    ("logprobs-f32.safetensors", 1e-5), ("top.safetensors", 1e-5),
  ])
  func readsWhatOthersWrote(name: String, error: Float) throws {
    let found = try capture(StoredRun.folder + "/foreign/" + name, configuration(.topk))
    for (record, expected) in zip(found, setup.data.top) {
      let weights = Dictionary(uniqueKeysWithValues: zip(record.ids, record.weights))
      for (id, weight) in zip(expected.ids, expected.weights) {
        let least = record.weights.min() ?? 0
        #expect(abs((weights[id] ?? least) - weight) <= error, "\(name) \(record.record)")
      }
    }
  }

  @Test func topSetsOfRawLogitsTakeTheirSumFromTheFile() throws {
    let folder = StoredRun.folder + "/foreign/"
    let exact = try capture(folder + "top.safetensors", configuration(.topk, 6))
    let summed = try capture(folder + "top-sum.safetensors", configuration(.topk, 6))
    let bare = try capture(
      folder + "top-sum.safetensors", configuration(.topk, 6), tensor: "logits")
    #expect(bare == summed)
    for (found, expected) in zip(summed, exact) {
      #expect(found.ids == expected.ids)
      for (weight, other) in zip(found.weights, expected.weights) {
        #expect(abs(weight - other) < 1e-5)
      }
    }
    #expect(try LogitsFile(path: folder + "top.safetensors").knowsSum)
    #expect(try LogitsFile(path: folder + "top-sum.safetensors").knowsSum)
  }

  @Test(arguments: [Float.nan, .infinity])
  func numbersThatAreNoneAreNamedByRow(value: Float) throws {
    var values = try logits()
    values[200 * Self.ids + 3] = value
    values[300 * Self.ids] = .nan
    let path = try npy(values, to: "bad.npy")
    for workers in 1...3 {
      let error = #expect(throws: CaptureError.self) {
        try capture(path, configuration(.multinomial), workers: workers)
      }
      #expect("\(try #require(error))".hasPrefix("row 200: id 3 is \(value), expected a finite"))
    }
    // -infinity is no probability, and a row of nothing else is none.
    values = try logits()
    values[200 * Self.ids + 3] = -.infinity
    let records = try capture(npy(values, to: "cold.npy"), configuration(.multinomial))
    #expect(!records[200].ids.contains(3))
    for id in 0..<Self.ids { values[7 * Self.ids + id] = -.infinity }
    let error = #expect(throws: CaptureError.self) {
      try capture(npy(values, to: "none.npy"), configuration(.multinomial))
    }
    #expect("\(try #require(error))".hasPrefix("row 7: no id has any probability"))
  }

  @Test func filesOfOtherTokensAreRefused() throws {
    let short = try npy(Array(logits().dropLast(Self.ids)), rows: 360, to: "short.npy")
    let error = #expect(throws: CaptureError.self) { try capture(short, configuration(.topk)) }
    #expect("\(try #require(error))".hasPrefix("holds 360 rows, the token store 361 tokens"))
    let columns = TrainingSetup.otherVocabulary
    let wide = try safetensors(
      [("logits", "F32", [361, columns], floats(Array(repeating: 0, count: 361 * columns)))],
      to: "wide.safetensors")
    #expect(throws: CaptureError.self) { try capture(wide, configuration(.topk)) }
    let (path, none) = (setup.folder.file("wide.safetensors"), "weights")
    let missing = #expect(throws: CaptureError.self) { try LogitsFile(path: path, tensor: none) }
    #expect("\(try #require(missing))".contains("name one of those that it has: logits"))
    let garbage = try setup.folder.write([1, 2, 3], to: "garbage")
    #expect(throws: CaptureError.self) { try LogitsFile(path: garbage) }
    #expect(throws: CaptureError.self) { try LogitsFile(path: setup.folder.file("absent")) }
  }

  private func top(_ ids: [Int32], _ values: [Float], _ name: String) throws -> String {
    let bytes = ids.flatMap { id in withUnsafeBytes(of: id.littleEndian) { Array($0) } }
    return try safetensors(
      [
        ("ids", "I32", [361, 2], bytes), ("logprobs", "F32", [361, 2], floats(values)),
      ], to: name)
  }

  /// Empty places are passed over; what is no distribution is refused by row.
  @Test func oddTopSets() throws {
    var ids = (0..<722).map { Int32($0 % 2) }
    var values: [Float] = (0..<722).map { $0 % 2 == 0 ? -1 : -2 }
    (ids[21], values[21]) = (-1, -Float.infinity)
    let path = try top(ids, values, "odd.safetensors")
    let records = try capture(path, configuration(.topk, 2))
    #expect(records[10].ids == [0] && records[11].ids == [0, 1])
    #expect(abs(records[10].weights[0] - exp(Float(-1))) < 1e-6)
    #expect(throws: CaptureError.self) { try capture(path, configuration(.topk, 3)) }
    let drawn = #expect(throws: CaptureError.self) {
      try capture(path, configuration(.multinomial, 2))
    }
    #expect("\(try #require(drawn))".contains("draws from a part would be biased"))
    var warm = configuration(.topk, 2)
    warm.sampler.temperature = 2
    let tempered = #expect(throws: CaptureError.self) { try capture(path, warm) }
    #expect("\(try #require(tempered))".contains("whose sum over the vocabulary is known at 1"))
    for (place, id, value, what) in [
      (21, 1, Float.nan, "id 1 is nan"), (21, 67, -2, "id 67 is beyond the vocabulary of 67"),
      (21, 1, 3, "the probabilities come to"),
    ] {
      (ids[place], values[place]) = (Int32(id), value)
      let error = #expect(throws: CaptureError.self) {
        try capture(top(ids, values, "bad.safetensors"), configuration(.topk, 2))
      }
      #expect("\(try #require(error))".hasPrefix("row 10: " + what))
    }
    (ids[21], values[21]) = (0, -2)
    let double = #expect(throws: CaptureError.self) {
      try capture(top(ids, values, "double.safetensors"), configuration(.topk, 2))
    }
    #expect(
      "\(try #require(double))".hasPrefix("row 10: id 0 stands in it twice, expected each id once"))
    (ids[21], values[20], values[21]) = (1, -Float.infinity, -Float.infinity)
    let empty = #expect(throws: CaptureError.self) {
      try capture(top(ids, values, "empty.safetensors"), configuration(.topk, 2))
    }
    #expect("\(try #require(empty))".hasPrefix("row 10: no id has any probability"))
  }

  /// With such a sum every probability would be 0, or none.
  @Test(arguments: [Float.infinity, -.infinity, .nan, 3e38])
  func sumsThatAreNoneAreNamedByRow(sum: Float) throws {
    var sums = [Float](repeating: 9, count: 361)
    sums[12] = sum
    let ids: [UInt8] = (0..<722).flatMap { (id: Int) -> [UInt8] in [UInt8(id % 2), 0, 0, 0] }
    let path = try safetensors(
      [
        ("ids", "I32", [361, 2], ids),
        ("logits", "F32", [361, 2], floats([Float](repeating: 1, count: 722))),
        ("logsumexp", "F32", [361], floats(sums)),
      ], to: "sums.safetensors")
    let error = #expect(throws: CaptureError.self) { try capture(path, configuration(.topk, 2)) }
    let what = sum.isFinite ? "no id has any probability" : "its logsumexp is \(sum), expected"
    #expect("\(try #require(error))".hasPrefix("row 12: " + what))
  }

  /// Rows with more ids than there are would also ask for more memory than the file has.
  @Test func rowsOfMoreIDsThanThereAreAreRefused() throws {
    let bytes = [UInt8](repeating: 0, count: 361 * 68 * 4)
    let path = try safetensors(
      [("ids", "I32", [361, 68], bytes), ("logprobs", "F32", [361, 68], bytes)],
      to: "rows.safetensors")
    let error = #expect(throws: CaptureError.self) { try capture(path, configuration(.topk)) }
    #expect(
      "\(try #require(error))".hasPrefix(
        "the number of ids in a row is 68, beyond the limit of 67"))
  }

  @Test func anArrayWithoutANameIsCalledThat() throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
    let text = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]
    let path = try setup.folder.write(
      magic + Array(text.utf8) + floats([1, 2, 3]), to: "flat.npy")
    let error = #expect(throws: CaptureError.self) { try LogitsFile(path: path) }
    #expect(
      "\(try #require(error))"
        == "the shape of the array is [3]; expected [tokens, vocabulary], or [tokens, K] beside"
        + " 'ids'")
  }
}
