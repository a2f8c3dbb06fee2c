import Foundation
import RefluxJSON
import TestSupport
import Testing

/// `reflux objective`: arrays in, figures out.
@Suite struct ObjectiveTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private static let student = [[0.2, -0.4, 1.1, 0.7, -1.3], [1.6, 0.5, -0.2, -0.9, 0.0]]
  private static let teacher = [[0.9, -1.2, 1.4, 0.1, -0.6], [0.3, 1.7, -0.5, 0.8, -1.5]]
  /// The two most probable ids of the teacher's rows.
  private static let sets = """
    {"record":0,"ids":[0,2],"weights":[0.2903906687,0.4787732724],"label":0.4787732724}
    {"record":1,"ids":[1,3],"weights":[0.5540988954286246,0.2252797994],"label":0.1366391053}

    """
  private static let draws = """
    {"record":0,"ids":[0,2,3],"counts":[3,6,1],"rounds":10}
    {"record":1,"ids":[0,1,3],"counts":[1,7,2],"rounds":10}

    """

  init() throws {
    try folder.write("s.json", "\(Self.student)")
    try folder.write("t.json", "\(Self.teacher)")
    try folder.write("y.json", "[2, 0]")
    try folder.write("top.jsonl", Self.sets)
    try folder.write("draws.jsonl", Self.draws)
  }

  private func run(_ line: String) throws -> Command.Outcome {
    try command.run(["objective"] + line.split(separator: " ").map(String.init))
  }

  private func object(_ line: String) throws -> JSONObject {
    let run = try run(line + " --json")
    #expect(run.exitCode == 0, "\(line): \(run.diagnostics)")
    return try #require(JSONValue(parsing: Array(run.output.utf8)).objectValue)
  }

  // MARK: Figures

  @Test func computesLossAndRows() throws {
    let run = try run("tvd --student s.json --teacher t.json")
    #expect(run.exitCode == 0 && run.diagnostics == "")
    #expect(
      run.output.hasPrefix(
        "objective          tvd temperature=1 tail=bucket\nloss               0.3771053"))
    #expect(run.output.contains("\nkernel loss        0.377105"))
    let facts = try object("tvd --student s.json --teacher t.json")
    #expect(abs((facts["loss"]?.doubleValue ?? 0) - 0.37710538028292045) < 1e-12)
    let rows = try #require(facts["rows"]?.arrayValue).compactMap(\.doubleValue)
    #expect(rows.count == 2)
    #expect(abs(rows[0] + rows[1] - 2 * 0.37710538028292045) < 1e-12)
  }

  /// Padding has no loss; a row of weight 3 is three rows.
  @Test func rowsCountWhatTheyWeigh() throws {
    try folder.write("padded.json", "[2, -100]")
    let padded = try object("ce --student s.json --labels padded.json")
    let rows = try #require(padded["rows"]?.arrayValue).compactMap(\.doubleValue)
    #expect(padded["loss"]?.doubleValue == rows[0] && rows[1] == 0)
    #expect(abs((padded["kernel_loss"]?.doubleValue ?? 0) - rows[0]) < 1e-6)
    try folder.write("w.json", "[1, 3]")
    let plain = try object("fullkd --student s.json --teacher t.json")
    let each = try #require(plain["rows"]?.arrayValue).compactMap(\.doubleValue)
    let weighed = try object("fullkd --student s.json --teacher t.json --weights w.json")
    #expect(abs((weighed["loss"]?.doubleValue ?? 0) - (each[0] + 3 * each[1]) / 4) < 1e-12)
    #expect(weighed["rows"] == plain["rows"])
    #expect(try #require(weighed["kernel_difference"]?.doubleValue) < 1e-6)
  }

  @Test func takesSetsAsCatPrintsThem() throws {
    let top = try object("tvd --student s.json --targets top.jsonl")
    #expect(abs((top["loss"]?.doubleValue ?? 0) - 0.3636807163) < 1e-9)
    let drawn = try object("rskd --student s.json --targets draws.jsonl")
    #expect(abs((drawn["loss"]?.doubleValue ?? 0) - 0.664829543854295) < 1e-12)
  }

  /// Arrays of other programs, and the gradient for them.
  @Test func readsArraysAndWritesOne() throws {
    try folder.write("s.npy", Self.array(Self.student, type: "<f8"))
    try folder.write("t.npy", Self.array(Self.teacher, type: "<f4"))
    try folder.write(
      "all.safetensors", Self.tensors(["student": Self.student, "teacher": Self.teacher]))
    let plain = try object("fullkd temperature=2 --student s.json --teacher t.json")
    let tensors = try object(
      "fullkd temperature=2 --student all.safetensors --teacher all.safetensors")
    #expect(plain["loss"] == tensors["loss"])
    let arrays = try object(
      "fullkd temperature=2 --student s.npy --teacher t.npy --gradient g.npy")
    #expect(abs((arrays["loss"]?.doubleValue ?? 0) - 0.48189903853312216) < 1e-7)
    let bytes = try folder.bytes("g.npy")
    #expect(bytes.count == 128 + 80)
    #expect(String(decoding: bytes[10..<128], as: UTF8.self).contains("'<f8'"))
    let first = bytes[128..<136].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    #expect(abs(Double(bitPattern: first) + 0.06737193877550507) < 1e-7)
    let again = try run("fullkd --student s.npy --teacher t.npy --gradient g.npy")
    #expect(again.exitCode == 1 && again.diagnostics.contains("g.npy"))
    #expect(try run("fullkd --student s.npy --teacher t.npy --gradient s.npy").exitCode == 64)
  }

  @Test(arguments: [
    "ce --student s.json --labels y.json", "fullkd --student s.json --teacher t.json",
    "fullkd temperature=2 --student s.json --teacher t.json",
    "rskd --student s.json --targets draws.jsonl", "topk --student s.json --targets top.jsonl",
    "ghost --student s.json --targets top.jsonl", "smoothing --student s.json --targets top.jsonl",
    "naive --student s.json --targets top.jsonl --labels y.json",
    "kd-sim table=w.json --student s.json --labels y.json",
    "kd-sim table=w.json tau=0.05 --student s.json --labels y.json",
  ])
  func comparesTheLossOfTraining(line: String) throws {
    try folder.write("w.json", "[[1, 0.2], [0.7, 0.7], [-0.3, 1], [0, 0], [-1, -0.4]]")
    let facts = try object(line)
    let (loss, kernel) = (facts["loss"]?.doubleValue, facts["kernel_loss"]?.doubleValue)
    #expect(abs(try #require(loss) - #require(kernel)) < 3e-6)
    #expect(try #require(facts["kernel_difference"]?.doubleValue) < 1e-6)
  }

  @Test func printsWhatIsSpecified() throws {
    let specification = try JSONSpecification()
    try folder.write("ys.json", "[[0.52, 0.61, 0.18], [0.33, 0.27, 0.9]]")
    try folder.write("e.json", "[0.5, 0.25]")
    try folder.write("l.json", "[1, 0]")
    let objects = try [
      "fullkd --student s.json --teacher t.json --gradient g.npy",
      "gld k=3 --student s.json --teacher t.json",
      "llp --student ys.json --teacher ys.json --edges e.json --edge-labels l.json",
    ].map { JSONValue.object(try object($0)) }
    #expect(specification.differences(of: objects, from: "reflux objective") == [])
    let list = try run("list --json")
    let rows = try list.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(rows.count > 25)
    #expect(specification.differences(of: rows, from: "reflux objective list") == [])
  }

  @Test func listsTheTable() throws {
    let run = try run("list")
    #expect(run.exitCode == 0 && run.diagnostics == "")
    #expect(
      run.output.contains(
        """
        jsd temperature=1 tail=bucket beta=0.5
            Jensen-Shannon; beta weights the teacher, 0 and 1 are the two KL
            use: between both KL; bounded, so that bad targets harm less
            from topk, dense

        """))
    #expect(
      run.output.contains("\nsinkd group=32 temperature=1 epsilon=0.1 iterations=20 detach=no\n"))
    #expect(run.output.contains("    from topk with label, dense; labels\n"))
  }

  // MARK: Refusals

  @Test(arguments: [
    ("jds --student s.json", "no objective 'jds'; did you mean 'jsd'? "),
    ("jsd bata=1 --student s.json", "'jsd' has no option 'bata'; it has: temperature, tail, beta"),
    ("jsd beta=2 --student s.json", "beta is '2', expected a number of 0 to 1"),
    ("jsd beta=nan --student s.json", "beta is 'nan', expected a number of 0 to 1"),
    ("jsd beta=0.1 beta=0.1 --student s.json", "'beta' is given twice; give it once"),
    ("jsd beta --student s.json", "'beta' is no option of 'jsd'; write key=value"),
    ("kd-sim --student s.json", "'kd-sim' needs table=FILE"),
    ("jsd", "missing --student <file>; "),
    ("ce --student s.json", "the loss 'ce' needs the label of each row; give --labels"),
    ("jsd --student s.json", "the loss 'jsd' needs the teacher's logits, or sets of ids; give"),
    ("mse --student s.json", "the loss 'mse' needs the teacher's logits; give --teacher"),
    (
      "jsd temperature=2 --student s.json --targets top.jsonl",
      "temperature 2 needs a target at that temperature; the sets are at 1. Use --teacher, or 'ttm'"
    ),
    (
      "rkl tail=drop --student s.json --targets top.jsonl",
      "the loss 'rkl' is infinite where the teacher's probability is 0; use tail=bucket, or 'jsd'"
    ),
    ("sinkd --student s.json --teacher t.json", "group 32 does not divide the 2 rows; "),
  ])
  func refusesOptions(line: String, message: String) throws {
    let run = try run(line)
    #expect(run.exitCode == 64 && run.output == "", "\(run)")
    #expect(run.diagnostics.hasPrefix("reflux: objective: " + message), "\(run.diagnostics)")
  }

  @Test(arguments: [
    (
      "jsd --student s.json --targets draws.jsonl",
      "draws.jsonl: samples of the estimator 'multinomial' do not fit the loss 'jsd': it is not"
        + " linear in the teacher's probabilities, so counts would bias every gradient; cache with"
        + " --estimator topk, or run the teacher with --teacher"
    ),
    (
      "pld --labels y.json --student s.json --targets draws.jsonl",
      "draws.jsonl: samples of the estimator 'multinomial' do not fit the loss 'pld': counts do not"
        + " tell the order of the teacher's probabilities; cache with --estimator topk"
    ),
    (
      "sinkd group=2 --student s.json --targets draws.jsonl",
      "draws.jsonl: samples of the estimator 'multinomial' do not fit the loss 'sinkd': the noise"
        + " of the draws lengthens every distance between rows; cache with --estimator topk"
    ),
    (
      "mse --student s.json --targets top.jsonl",
      "top.jsonl: the loss 'mse' needs all logits of the teacher; a store keeps a few. Run it with"
        + " --teacher"
    ),
    (
      "ttm --student s.json --targets draws.jsonl",
      "draws.jsonl: the loss 'ttm' with gamma 0.5 needs draws from p^0.5; the sets were drawn at"
        + " tau 1. Cache with --tau 0.5 --uncorrected"
    ),
    (
      "gld k=2 --student s.json --targets top.jsonl",
      "top.jsonl: the loss 'gld' needs the log-sum-exp of the teacher's logits, which the sets do"
        + " not keep; cache again with --record logsum"
    ),
    (
      "akl mu=0.9 --student s.json --targets top.jsonl",
      "top.jsonl: row 0: the set holds 0.769164 of the teacher's mass, less than mu 0.9, "
    ),
    (
      "ghost --student s.json --teacher t.json",
      "t.json: the loss 'ghost' takes sets of ids, not all logits of the teacher; give --targets,"
    ),
    ("jsd --student s.json --teacher y.json", "y.json: the shape is [2]; expected "),
    (
      "jsd --student s.json --teacher wide.json",
      "wide.json: the teacher has 6 numbers in a row, expected 5"
    ),
    (
      "jsd --student s.json --teacher one.json",
      "one.json: the teacher has 1 rows, the student has 2; "
    ),
    (
      "jsd --student s.json --teacher ragged.json",
      "ragged.json: element [1] is of another length than those before; "
    ),
    (
      "jsd --student nan.npy --teacher t.json",
      "nan.npy: row 0 of the student has no number at 1; "
    ),
    (
      "ce --student s.json --labels far.json",
      "far.json: row 1: label 5, expected 0 to 4"
    ),
    (
      "rkl --student s.json --teacher low.npy",
      "low.npy: row 0: the loss 'rkl' is infinite where the teacher's probability is 0; "
    ),
    ("jsd --student s.json --teacher empty.json", "empty.json: the file is empty; "),
    ("ce --student s.json --labels none.json", "none.json: no row counts: expected a label "),
    ("ce --student s.json --labels minus.json", "minus.json: row 0: label -2, expected 0 to 4"),
    (
      "jsd --student s.json --teacher t.json --weights none.json",
      "none.json: row 0: weight -1.0, expected a finite number of 0 or more"
    ),
    (
      "gld k=2 --student s.json --teacher t.json --weights uneven.json",
      "uneven.json: the loss 'gld' takes rows together; expected weights of 0 and 1"
    ),
    (
      "mix --student s.json --targets top.jsonl",
      "top.jsonl: the loss 'mix' needs the teacher's entropy, which the sets do not keep; cache"
        + " again with --record entropy"
    ),
  ])
  func refusesData(line: String, message: String) throws {
    try folder.write("wide.json", "[[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]")
    try folder.write("one.json", "[[1, 2, 3, 4, 5]]")
    try folder.write("ragged.json", "[[1, 2, 3, 4, 5], [1, 2]]")
    try folder.write("far.json", "[0, 5]")
    try folder.write("empty.json", "")
    try folder.write("none.json", "[-1, -100]")
    try folder.write("minus.json", "[-2, 0]")
    try folder.write("uneven.json", "[1, 0.5]")
    try folder.write("nan.npy", Self.array([[0, .nan, 0, 0, 0], [0, 0, 0, 0, 0]], type: "<f8"))
    try folder.write(
      "low.npy", Self.array([[0, -.infinity, 0, 0, 0], [0, 0, 0, 0, 0]], type: "<f8"))
    let run = try run(line)
    #expect(run.exitCode == 2 && run.output == "", "\(run)")
    #expect(run.diagnostics.hasPrefix("reflux: " + message), "\(run.diagnostics)")
  }

  // MARK: Files of other programs

  private static func array(_ rows: [[Double]], type: String) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows.count), 5), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let values = rows.joined().flatMap { value in
      type == "<f8"
        ? bytes(value.bitPattern, count: 8) : bytes(UInt64(Float(value).bitPattern), count: 4)
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + values
  }

  private static func tensors(_ arrays: KeyValuePairs<String, [[Double]]>) -> [UInt8] {
    var (members, data): ([String], [UInt8]) = ([], [])
    for (name, rows) in arrays {
      let start = data.count
      data += rows.joined().flatMap { bytes($0.bitPattern, count: 8) }
      let place = "[\(start),\(data.count)]"
      members.append(
        #""\#(name)":{"dtype":"F64","shape":[\#(rows.count),5],"data_offsets":\#(place)}"#)
    }
    let header = Array("{\(members.joined(separator: ","))}".utf8)
    return bytes(UInt64(header.count), count: 8) + header + data
  }

  private static func bytes(_ value: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }
}
