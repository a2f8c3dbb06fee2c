import Foundation
import RefluxJSON
import TestSupport
import Testing

/// `reflux select` on arrays: pools, mixed images, deviations of groups.
@Suite struct SelectTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  init() throws {
    // Two rows of a teacher and two of a student: LOSSES of 1.27, 1.19, 1.37 and 1.25 nats.
    try folder.write(
      "pool.json",
      """
      [[0.9, -1.2, 1.4, 0.1, -0.6], [0.3, 1.7, -0.5, 0.8, -1.5],
       [0.2, -0.4, 1.1, 0.7, -1.3], [1.6, 0.5, -0.2, -0.9, 0.0]]
      """)
    try folder.write(
      "x.npy", Self.array((0..<60).map { Float($0) }, shape: "(5, 1, 3, 4)"))
  }

  private func run(_ line: String) throws -> Command.Outcome {
    try command.run(["select"] + line.split(separator: " ").map(String.init) + ["--quiet"])
  }

  private func object(_ line: String) throws -> JSONObject {
    let run = try run(line + " --json")
    #expect(run.exitCode == 0 && run.diagnostics == "", "\(line): \(run.diagnostics)")
    return try #require(JSONValue(parsing: Array(run.output.utf8)).objectValue)
  }

  private func integers(_ value: JSONValue?) -> [Int] {
    (value?.arrayValue ?? []).compactMap(\.integerValue)
  }

  // MARK: Pools

  @Test func picksTheLeastSure() throws {
    let facts = try object("--pool pool.json --pick 2")
    #expect(integers(facts["ids"]) == [0, 2])
    #expect(try run("--pool pool.json --pick 2").output == "by    entropy\nrows  4\nids   [0,2]\n")
    let all = try object("--pool pool.json --pick 4")
    #expect(integers(all["ids"]) == [1, 3, 0, 2])
    let scores = (all["scores"]?.arrayValue ?? []).compactMap(\.doubleValue)
    let expected = [1.1918057954, 1.2466438932, 1.2733950467, 1.3678752010]
    #expect(zip(scores, expected).allSatisfy { abs($0 - $1) < 1e-10 } && scores.count == 4)
  }

  /// Equal scores come by their numbers, so that the later stays.
  @Test func ofTiesTheLaterIsKept() throws {
    try folder.write("ties.json", "[[0, 1], [1, 0], [0, 1], [0, 9]]")
    #expect(integers(try object("--pool ties.json --pick 2")["ids"]) == [1, 2])
  }

  @Test func ranksByTheStudent() throws {
    try folder.write("own.json", "[[0, 0], [9, 0], [0, 3], [1, 0]]")
    let own = try object("--pool pool.json --student own.json --by student-entropy --pick 2")
    #expect(integers(own["ids"]) == [3, 0])
    try folder.write("t.json", "[[1, 0], [1, 0], [1, 0]]")
    try folder.write("s.json", "[[0, 1], [1, 0], [0, 0]]")
    let kl = try object("--pool t.json --student s.json --by kl --temperature 2 --pick 2")
    #expect(integers(kl["ids"]) == [2, 0])
    #expect(kl["temperature"]?.doubleValue == 2)
    // p = sigmoid(1 / 2), q = sigmoid(-1 / 2): KL = (2 p - 1) / 2.
    let p = 1 / (1 + exp(-0.5))
    let scores = (kl["scores"]?.arrayValue ?? []).compactMap(\.doubleValue)
    #expect(abs(scores[1] - (2 * p - 1) / 2) < 1e-14)
  }

  // MARK: Images

  @Test func mixesImages() throws {
    let facts = try object("cutmix --images x.npy --runs 3 --seed 1 --output pool.npy")
    let mixes = (facts["mixes"]?.arrayValue ?? []).compactMap(\.objectValue)
    #expect(mixes.count == 3 && facts["images"]?.integerValue == 5)
    let (pool, partners, boxes) = (
      try Self.numbers(folder.bytes("pool.npy")),
      try Self.numbers(folder.bytes("pool.partners.npy")),
      try Self.numbers(folder.bytes("pool.boxes.npy"))
    )
    #expect(pool.count == 180 && partners.count == 15 && boxes.count == 12)
    for run in 0..<3 {
      let box = boxes[4 * run..<4 * run + 4].map { Int($0) }
      #expect(integers(mixes[run]["box"]) == box)
      let area = (box[2] - box[0]) * (box[3] - box[1])
      #expect(mixes[run]["kept_share"]?.doubleValue == 1 - Double(area) / 12)
      for image in 0..<5 {
        let partner = Int(partners[5 * run + image])
        #expect(partner != image)
        for pixel in 0..<12 {
          let (row, column) = (pixel / 4, pixel % 4)
          let isInside = (box[1]..<box[3]).contains(row) && (box[0]..<box[2]).contains(column)
          let value = Float(bitPattern: pool[60 * run + 12 * image + pixel])
          #expect(value == Float(12 * (isInside ? partner : image) + pixel))
        }
      }
    }
  }

  @Test func oneSeedMakesOnePool() throws {
    for name in ["a.npy", "b.npy"] {
      _ = try object("cutmix --images x.npy --seed 4 --output \(name)")
    }
    #expect(try folder.bytes("a.npy") == folder.bytes("b.npy"))
    _ = try object("cutmix --images x.npy --seed 5 --output c.npy")
    #expect(try folder.bytes("a.npy") != folder.bytes("c.npy"))
    let again = try run("cutmix --images x.npy --output a.npy")
    #expect(again.exitCode == 1 && again.diagnostics.contains("a.npy"))
    let own = try run("cutmix --images x.npy --output x.npy --force")
    #expect(own.exitCode == 64 && own.diagnostics.contains("would be overwritten"))
  }

  // MARK: Groups

  @Test func measuresTheDeviationOfGroups() throws {
    try folder.write("g.json", "[[0.25, 0.75], [0.75, 0.25]]")
    let two = try object("--stddev g.json")
    #expect(abs((two["stddev"]?.doubleValue ?? 0) - 0.5 / 2.0.squareRoot()) < 1e-15)
    try folder.write("g3.json", "[[[0, 1], [0.5, 0.5]], [[1, 0], [0.5, 0.5]]]")
    #expect(try object("--stddev g3.json")["stddev"] == two["stddev"])
  }

  // MARK: Specification and refusals

  @Test func printsWhatIsSpecified() throws {
    let samples = LearningSamples(folder: folder)
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.done(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "e.rfx", "--context",
      "8", "--rounds", "6", "--record", "entropy", "--quiet")
    let objects = try [
      "--pool pool.json --student pool.json --by kl --pick 1", "--pool pool.json --pick 1",
      "cutmix --images x.npy --output p.npy", "--stddev pool2.json",
      "--samples e.rfx --pick 0.2 --output w.rfx",
    ].map { line in
      try folder.write("pool2.json", "[[0.5, 0.5], [1, 0]]")
      return JSONValue.object(try object(line))
    }
    #expect(try JSONSpecification().differences(of: objects, from: "reflux select") == [])
  }

  @Test(arguments: [
    ("", "Give one of --pool, 'cutmix', --stddev and --samples"),
    ("--pool a --stddev b", "Give one of --pool, 'cutmix', --stddev and --samples"),
    ("mixup --images a", "'mixup' is no form of select; 'cutmix' is one"),
    ("--pool a", "--pool needs --pick"), ("--samples a --pick 0.5", "--samples needs --output"),
    ("cutmix --output b", "'cutmix' needs --images"),
    ("--pool a --pick 1 --runs 2", "--runs does not go with --pool"),
    ("--stddev a --pick 1", "--pick does not go with --stddev"),
    ("--pool a --pick 0", "--pick must be a whole number of rows, 1 or more"),
    ("--pool a --pick 1.5", "--pick must be a whole number of rows, 1 or more"),
    ("--pool a --pick nan", "--pick must be a whole number of rows, 1 or more"),
    ("--pool a --pick 1 --by kl", "Give --student with --by kl or --by student-entropy"),
    ("--pool a --pick 1 --student b", "Give --student with --by kl or --by student-entropy"),
    ("--pool a --pick 1 --temperature 2", "--temperature goes with --by kl"),
    (
      "--pool a --pick 1 --by kl --student b --temperature 0",
      "--temperature must be above 0, at most 1000"
    ),
    ("cutmix --images a --output b --runs 0", "--runs must be 1 to 65536"),
    ("--samples a --pick 2 --output b", "--pick must be a share, above 0, at most 1"),
    ("--samples a --pick 1 --output b --by kl", "--samples are ranked by entropy alone"),
    ("--samples a --pick 1 --output b --unit document", "Give --tokens with --unit document"),
    ("--samples a --pick 1 --output b --tokens t", "Give --tokens with --unit document"),
  ])
  func refusesOptions(line: String, message: String) throws {
    let run = try run(line)
    #expect(run.exitCode == 64 && run.output == "", "\(run)")
    #expect(run.diagnostics.lowercased().contains(message.lowercased()), "\(run.diagnostics)")
  }

  @Test(arguments: [
    (
      "--pool pool.json --pick 5",
      "pool.json: 5 are to be picked of 4 rows; pick at most as many as there are"
    ),
    (
      "--pool pool.json --pick 1 --by kl --student two.json",
      "pool.json: the pool has 4 rows, the student has 2; "
    ),
    (
      "--pool two.json --pick 1 --by kl --student wide.json",
      "wide.json: the student has 3 numbers in a row, expected 2"
    ),
    (
      "--pool two.json --pick 1 --by kl --student low.npy",
      "low.npy: row 0: the divergence is infinite, for the student excludes an id"
    ),
    ("--pool nan.npy --pick 1", "nan.npy: row 0 of the pool has no number at 1; "),
    ("--pool none.npy --pick 1", "none.npy: row 0 of the pool is -infinity everywhere; "),
    ("--pool flat.json --pick 1", "flat.json: the shape is [2]; expected [rows, numbers]"),
    ("--pool long.npy --pick 1", "long.npy: cut short in the array's elements: "),
    ("cutmix --images one.npy --output p.npy", "one.npy: one image has no other to take"),
    ("cutmix --images nan.npy --output p.npy", "nan.npy: the shape is [1, 2]; expected [images,"),
    ("cutmix --images image.json --output p.npy", "image.json: the images are text; expected a"),
    ("--stddev one.json", "one.json: one group has no deviation; expected 2 or more"),
    ("--stddev two.json", "two.json: group 0 has the probability 2.0, expected 0 to 1"),
    ("--stddev x.npy", "x.npy: the shape is [5, 1, 3, 4]; expected [groups, classes]"),
  ])
  func refusesData(line: String, message: String) throws {
    try folder.write("two.json", "[[1, 2], [1, 2]]")
    try folder.write("one.json", "[[0.5, 0.5]]")
    try folder.write("wide.json", "[[1, 2, 3], [1, 2, 3]]")
    try folder.write("flat.json", "[1, 2]")
    try folder.write("image.json", "[[[[1, 2]]], [[[1, 2]]]]")
    try folder.write("nan.npy", Self.array([0, .nan], shape: "(1, 2)"))
    try folder.write("none.npy", Self.array([-.infinity, -.infinity], shape: "(1, 2)"))
    try folder.write("low.npy", Self.array([0, -.infinity, 0, 0], shape: "(2, 2)"))
    try folder.write("long.npy", Self.array([0, 1], shape: "(4000000000, 4000000)"))
    try folder.write("one.npy", Self.array([0, 1], shape: "(1, 1, 1, 2)"))
    let names = try folder.names()
    let run = try run(line)
    #expect(run.exitCode == 2 && run.output == "", "\(run)")
    #expect(run.diagnostics.hasPrefix("reflux: " + message), "\(run.diagnostics)")
    #expect(try folder.names() == names)
  }

  // MARK: Files of other programs

  /// A `.npy` file of float32.
  private static func array(_ values: [Float], shape: String) -> [UInt8] {
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let bytes = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + bytes
  }

  /// The numbers of four bytes of a `.npy` file.
  private static func numbers(_ file: [UInt8]) throws -> [UInt32] {
    let start = 10 + Int(file[8]) + Int(file[9]) << 8
    return stride(from: start, to: file.count, by: 4).map { place in
      file[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
}
