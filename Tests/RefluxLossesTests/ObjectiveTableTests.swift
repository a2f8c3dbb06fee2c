import RefluxTargets
import Testing

@testable import RefluxLosses

/// The table of objectives, and what is read by it.
struct ObjectiveTableTests {
  @Test(arguments: ObjectiveEntry.all)
  func rowsAreWhole(entry: ObjectiveEntry) throws {
    #expect(entry.name.entry.name == entry.name)
    #expect(!entry.summary.isEmpty && !entry.kinds.isEmpty)
    #expect(Set(entry.options.map(\.key)).count == entry.options.count)
    #expect(Set(entry.scalars.keys).isSubset(of: entry.kinds))
    #expect(entry.misfit == nil || !entry.kinds.contains(.sampled))
    #expect((entry.grouping == .group) == entry.options.contains { $0.key == "group" })
    for option in entry.options {
      let text = option.defaultValue?.description
      #expect(text.map { option.value($0) == option.defaultValue } ?? (option.form == .file))
    }
  }

  /// Each objective trains its gradient from a kind or refuses it with a reason.
  @Test(arguments: ObjectiveName.allCases, [TargetKind.sampled, .topk, .dense])
  func everyKindIsTakenOrRefused(name: ObjectiveName, kind: TargetKind) throws {
    let words = ObjectiveSamples.cases.first { $0.words.split(separator: " ")[0] == name.rawValue }
    let choice = try ObjectiveSamples.choice(#require(words).words)
    var input = ObjectiveSamples(seed: 1).input(kind, of: choice)
    if name == .llp, kind != .dense {
      input.target = ObjectiveSamples(seed: 1).input(kind, of: try ObjectiveChoice("jsd")).target
    }
    if name.entry.kinds.contains(kind) {
      #expect(try LossReference.evaluate(choice, input).loss.isFinite)
    } else {
      let estimator: Estimator? = kind == .sampled ? .multinomial : kind == .topk ? .topk : nil
      let error = ObjectiveError.kind(name, kind, estimator)
      #expect(throws: error) { try LossReference.evaluate(choice, input) }
      #expect(error.description.contains("'\(name.rawValue)'"))
    }
  }

  @Test func optionsAreRead() throws {
    let choice = try ObjectiveChoice("sinkd", options: ["group=2", "epsilon=0.5", "detach=yes"])
    #expect(choice.integer("group") == 2 && choice.number("epsilon") == 0.5)
    #expect(choice.flag("detach") && choice.integer("iterations") == 20)
    #expect(
      choice.description == "sinkd group=2 temperature=1 epsilon=0.5 iterations=20 detach=yes")
    let kd = try ObjectiveChoice("dkd", options: ["beta=kd"])
    #expect(kd.word("beta") == "kd" && kd["gamma"] == nil)
  }

  @Test(arguments: [
    ("jds", [], ObjectiveError.unknownObjective("jds")),
    ("JSD", [], .unknownObjective("JSD")),
    ("jsd", ["Beta=1"], .unknownOption("Beta", .jsd)),
    ("jsd", ["beta"], .noValue("beta", .jsd)),
    ("jsd", ["beta=1", "beta=1"], .repeatedOption("beta")),
    ("jsd", ["beta="], .value("beta", found: "", expected: "a number of 0 to 1")),
    ("jsd", ["beta=1.1"], .value("beta", found: "1.1", expected: "a number of 0 to 1")),
    ("skew", ["alpha=1"], .value("alpha", found: "1", expected: "a number of 0 to below 1")),
    (
      "fullkd", ["temperature=0"],
      .value("temperature", found: "0", expected: "a number above 0, at most 1000")
    ),
    ("sinkd", ["group=0"], .value("group", found: "0", expected: "a whole number of 1 or more")),
    (
      "sinkd", ["iterations=0"],
      .value("iterations", found: "0", expected: "a whole number of 1 to 10000")
    ),
    ("mse", ["centred=1"], .value("centred", found: "1", expected: "yes or no")),
    ("lbf", ["form=book"], .value("form", found: "book", expected: "paper or code")),
    (
      "dkd", ["beta=kl"],
      .value("beta", found: "kl", expected: "a number of 0 to 1000000, or 'kd'")
    ),
    ("kd-sim", [], .missingOption("table", .kdSim)),
  ])
  func badOptionsAreRefused(name: String, options: [String], error: ObjectiveError) {
    #expect(throws: error) { try ObjectiveChoice(name, options: options) }
    #expect(error.isOfOptions && !error.description.isEmpty)
  }

  @Test func badArraysAreRefused() throws {
    let objective = try ObjectiveChoice("kd-topk")
    let student = [[0.0, 1, 2], [2, 1, 0]]
    func expect(
      _ error: ObjectiveError, _ input: ReferenceInput, location: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: error, sourceLocation: location) {
        try LossReference.evaluate(objective, input)
      }
      #expect(!error.isOfOptions && !error.description.isEmpty, sourceLocation: location)
    }
    func sets(_ ids: [Int], _ weights: [Double]) -> ReferenceInput {
      let set = ReferenceSet(ids: ids, weights: weights)
      return ReferenceInput(student: student, target: .top([set, set]))
    }
    expect(
      .rows(1, of: "the teacher", expected: 2),
      ReferenceInput(student: student, target: .dense([[0, 1, 2]])))
    expect(
      .columns(2, of: "the student", expected: 3),
      ReferenceInput(student: [[0, 1, 2], [0, 1]], target: .dense(student)))
    expect(
      .notFinite(row: 1, column: 2, of: "the teacher"),
      ReferenceInput(student: student, target: .dense([[0, 1, 2], [0, 1, .infinity]])))
    expect(
      .noProbability(row: 0, of: "the student"),
      ReferenceInput(
        student: [[-.infinity, -.infinity, -.infinity], student[1]], target: .dense(student)))
    expect(
      .label(3, row: 1, vocabularySize: 3),
      ReferenceInput(student: student, labels: [0, 3], target: .dense(student)))
    expect(.id(3, row: 0, vocabularySize: 3), sets([0, 3], [0.5, 0.5]))
    expect(.repeatedID(1, row: 0), sets([1, 1], [0.5, 0.5]))
    expect(.weight(-0.5, row: 0), sets([0, 1], [-0.5, 0.5]))
    expect(.mass(1.5, row: 0), sets([0, 1], [1, 0.5]))
    expect(.mass(0, row: 0), sets([0, 1], [0, 0]))
    expect(.columns(1, of: "weights", expected: 2), sets([0, 1], [1]))
  }
}
