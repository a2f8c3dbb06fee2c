import RefluxTargets
import Testing

@testable import RefluxLosses

/// Which targets of a run an objective takes, and what others are refused for.
struct ObjectiveTargetTests {
  private static let draws = SetFacts(kind: .sampled, estimator: .multinomial)
  private static let top = SetFacts(
    kind: .topk, estimator: .topk, scalars: [.mass, .logsum, .label])

  /// The error that `body` throws.
  private func refusal(_ body: () throws(ObjectiveError) -> Void) -> ObjectiveError? {
    do throws(ObjectiveError) { try body() } catch { return error }
    return nil
  }

  @Test func setsThatFitWinOverATeacher() throws {
    let lbf = ObjectiveChoice(.lbf)
    #expect(try lbf.kind(sets: Self.draws, hasTeacher: true) == .sampled)
    #expect(try lbf.kind(sets: Self.top, hasTeacher: false) == .topk)
    #expect(try lbf.kind(sets: nil, hasTeacher: true) == .dense)
    #expect(try ObjectiveChoice(.ce).kind(sets: Self.top, hasTeacher: true) == .label)
    #expect(try ObjectiveChoice(.jsd).kind(sets: Self.draws, hasTeacher: true) == .dense)
    #expect(try ObjectiveChoice(.fullkd).kind(sets: Self.draws, hasTeacher: true) == .dense)
    let hot = ObjectiveChoice(.jsd).at(temperature: 2)
    #expect(try hot.kind(sets: Self.top, hasTeacher: true) == .dense)
    #expect(
      refusal { () throws(ObjectiveError) in _ = try lbf.kind(sets: nil, hasTeacher: false) }
        == .noTarget(.lbf))
    #expect(
      refusal { () throws(ObjectiveError) in
        _ = try ObjectiveChoice(.rskd).kind(sets: nil, hasTeacher: true)
      } == .noTarget(.rskd))
  }

  /// Every kind of sets is taken, with all that can be recorded, or refused by its name.
  @Test(arguments: ObjectiveName.allCases, [TargetKind.sampled, .topk])
  func setsAreTakenOrRefused(name: ObjectiveName, kind: TargetKind) {
    let objective = ObjectiveChoice(name)
    let isMatched = [.ttm, .wttm].contains(name)
    let sets = SetFacts(
      kind: kind, estimator: kind == .topk ? .topk : .multinomial, tau: isMatched ? 0.5 : 1,
      isCorrected: !isMatched, gamma: 0.5, scalars: TargetScalar.allCases)
    let error = refusal { () throws(ObjectiveError) in try objective.check(sets) }
    if name.entry.kinds.contains(kind) {
      #expect(error == nil)
    } else {
      #expect(error == .kind(name, kind, sets.estimator))
    }
    // Without what has to be recorded.
    var bare = sets
    bare.scalars = []
    let needed = objective.scalars(for: kind)
    if name.entry.kinds.contains(kind), let first = needed.first {
      #expect(
        refusal { () throws(ObjectiveError) in try objective.check(bare) }
          == .missingScalar(name, first))
    }
  }

  /// Sets at T are for a loss at T.
  @Test(arguments: [1.0, 2], [1.0, 2])
  func temperaturesAgree(temperature: Double, stored: Double) {
    var sets = Self.draws
    sets.temperature = stored
    let objective = ObjectiveChoice(.rskd).at(temperature: temperature)
    #expect(
      refusal { () throws(ObjectiveError) in try objective.check(sets) }
        == (temperature == stored ? nil : .temperature(temperature, sets: stored)))
  }

  @Test func drawsAreThoseOfTheLoss() throws {
    func refusal(_ name: String, _ options: [String], tau: Double, isCorrected: Bool) throws
      -> ObjectiveError?
    {
      let objective = try ObjectiveChoice(name, options: options)
      let sets = SetFacts(
        kind: .sampled, estimator: .multinomial, tau: tau, isCorrected: isCorrected, gamma: 0.7,
        scalars: [.power])
      return self.refusal { () throws(ObjectiveError) in try objective.check(sets) }
    }
    #expect(try refusal("ttm", [], tau: 0.5, isCorrected: false) == nil)
    #expect(try refusal("ttm", [], tau: 0.5, isCorrected: true) == .corrected(.ttm))
    #expect(
      try refusal("ttm", ["gamma=0.7"], tau: 0.5, isCorrected: false)
        == .draws(.ttm, gamma: 0.7, tau: 0.5))
    #expect(try refusal("ttm", ["gamma=1"], tau: 1, isCorrected: true) == nil)
    #expect(
      try refusal("wttm", [], tau: 0.5, isCorrected: false)
        == .power(.wttm, gamma: 0.5, found: 0.7))
    #expect(try refusal("rskd", [], tau: 0.5, isCorrected: true) == nil)
    #expect(
      try refusal("rskd", [], tau: 0.5, isCorrected: false) == .uncorrected(.rskd, tau: 0.5))
  }

  /// Only raw logits need their sum.
  @Test func scalarsFollowTheOptions() throws {
    #expect(ObjectiveChoice(.gld).scalars(for: .topk) == [.logsum])
    #expect(
      try ObjectiveChoice("gld", options: ["input=standard"]).scalars(for: .topk) == [])
    #expect(ObjectiveChoice(.dkd).scalars(for: .sampled) == [.label])
    #expect(ObjectiveChoice(.pld).scalars(for: .dense) == [])
  }

  @Test func groupsEndWithTheWindow() throws {
    func refusal(_ name: String, _ options: [String], _ window: Int) throws -> ObjectiveError? {
      let objective = try ObjectiveChoice(name, options: options)
      return self.refusal { () throws(ObjectiveError) in try objective.check(window: window) }
    }
    #expect(try refusal("sinkd", [], 256) == nil)
    #expect(try refusal("sinkd", ["group=48"], 256) == .window(256, group: 48))
    #expect(
      ObjectiveError.window(256, group: 48).description
        == "group 48 does not divide the window of 256 tokens")
    #expect(try refusal("dist", ["group=48"], 256) == nil)
    #expect(try refusal("dist", ["group=48", "intra=1"], 256) == .window(256, group: 48))
    #expect(try refusal("jsd", [], 7) == nil)
  }

  @Test func textsComeBack() throws {
    let text = "jsd:tail=drop,beta=0.3"
    let choice = try ObjectiveChoice(parsing: text)
    #expect(choice.text == text && choice.given == ["tail", "beta"])
    #expect(try ObjectiveChoice(parsing: "jsd").text == "jsd:tail=bucket,beta=0.5")
    #expect(try ObjectiveChoice(parsing: "jsd:beta=0.5") == ObjectiveChoice(parsing: "jsd"))
    let hot = try ObjectiveChoice(parsing: "fullkd:temperature=2")
    #expect(try ObjectiveChoice(parsing: hot.text) == hot && hot.text == "fullkd:temperature=2")
    for name in ObjectiveName.allCases {
      let choice = ObjectiveChoice(name)
      if choice.name.entry.options.contains(where: { $0.form == .file }) { continue }
      if [.kdRel, .llp].contains(name) { continue }
      #expect(try ObjectiveChoice(parsing: choice.text) == choice)
    }
    #expect(throws: ObjectiveError.untrainable(.kdRel)) { try ObjectiveChoice(parsing: "kd-rel") }
    #expect(throws: ObjectiveError.untrainable(.llp)) { try ObjectiveChoice(parsing: "llp") }
    #expect(throws: ObjectiveError.noValue("beta", .jsd)) {
      try ObjectiveChoice(parsing: "jsd:beta")
    }
    let table = try ObjectiveChoice(parsing: "kd-sim:table=w.npy")
    #expect(table.withFiles { "runs/" + $0 }.text == "kd-sim:table=runs/w.npy,tau=0.3")
  }
}
