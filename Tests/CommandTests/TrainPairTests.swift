import Foundation
import RefluxLosses
import RefluxTargets
import TestSupport
import Testing

/// Every loss with every kind of target, over the table: it trains, or says why it does not. None
/// is silently something else.
@Suite struct TrainPairTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }

  @Test func everyPairTrainsOrIsRefused() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try writeTable()
    for name in ObjectiveName.allCases {
      for kind in TargetKind.allCases {
        if let text = Self.refusal(name, kind) {
          try expectRefusal(name, kind, text)
        } else {
          try expectTraining(name, kind)
        }
      }
    }
  }

  private func run(_ name: ObjectiveName, _ kind: TargetKind) throws -> Command.Outcome {
    try samples.command.run(
      LearningSamples.training + [
        "--loss", Self.loss(name), "--output", "out", "--steps", "20", "--json", "--quiet",
      ] + target(kind, of: name))
  }

  private func expectTraining(_ name: ObjectiveName, _ kind: TargetKind) throws {
    let run = try run(name, kind)
    #expect(run.exitCode == 0, "\(name) \(kind): \(run.diagnostics)")
    let losses = try JSONRows(run.output).numbers("loss")
    #expect(losses.count == 20 && losses.allSatisfy(\.isFinite), "\(name) \(kind)")
    // What is there and not learned from is said.
    let isRead = name.entry.kinds.contains(kind) || kind == .label
    #expect(isRead == run.diagnostics.isEmpty, "\(name) \(kind): \(run.diagnostics)")
    try FileManager.default.removeItem(atPath: folder.file("out"))
  }

  private func expectRefusal(_ name: ObjectiveName, _ kind: TargetKind, _ text: String) throws {
    let run = try run(name, kind)
    #expect(run.diagnostics.contains(text), "\(name) \(kind): \(run.diagnostics)")
    let isOfData = kind.isOfSets && ![.kdRel, .llp].contains(name)
    #expect(run.exitCode == (isOfData ? 2 : 64), "\(name) \(kind)")
    #expect(run.output == "" && !folder.exists("out"), "\(name) \(kind)")
  }

  // MARK: What is refused

  private static let ofOrder: Set<ObjectiveName> = [.pld, .uld, .gld, .kdTopK]
  private static let ofTopSets: Set<ObjectiveName> = [.topk, .ghost, .smoothing, .naive]
  private static let ofLogits: Set<ObjectiveName> = [.fullkd, .mse, .dhkd, .topkd, .tad]
  private static let ofAnySets: Set<ObjectiveName> = [.lbf, .kdPT, .dkd, .ttm, .wttm]

  /// The text of a refusal, written out; nil where there is none.
  private static func refusal(_ name: ObjectiveName, _ kind: TargetKind) -> String? {
    switch name {
    case .ce, .kdSim: nil
    case .kdRel:
      "the loss 'kd-rel' needs groups of classes, which a vocabulary has not; see 'reflux objective"
        + " kd-rel'"
    case .llp:
      "the loss 'llp' takes scores of links, not a vocabulary; see 'reflux objective llp'"
    default:
      switch kind {
      case .label, .dense: nothing(name, hasTeacher: kind == .dense)
      case .sampled: draws(name)
      case .topk: topSets(name)
      }
    }
  }

  private static func nothing(_ name: ObjectiveName, hasTeacher: Bool) -> String? {
    let isOfSets = name == .rskd || ofTopSets.contains(name)
    if hasTeacher && !isOfSets { return nil }
    let needs =
      isOfSets ? "--samples" : ofLogits.contains(name) ? "--teacher" : "--samples or --teacher"
    return "the loss '\(name.rawValue)' needs \(needs)"
  }

  private static func logits(_ name: ObjectiveName) -> String {
    "the loss '\(name.rawValue)' needs all logits of the teacher; a store keeps a few. Run it with"
      + " --teacher"
  }

  private static func topSets(_ name: ObjectiveName) -> String? {
    if ofLogits.contains(name) { return logits(name) }
    if name != .rskd { return nil }
    return "samples of the estimator 'topk' do not fit the loss 'rskd', which takes counts; use the"
      + " loss 'topk'"
  }

  private static func draws(_ name: ObjectiveName) -> String? {
    if ofLogits.contains(name) { return logits(name) }
    if name == .rskd || ofAnySets.contains(name) { return nil }
    let start = "samples of the estimator 'multinomial' do not fit the loss '\(name.rawValue)'"
    let end = "; cache with --estimator topk"
    if ofTopSets.contains(name) { return start + ", which takes top-K sets" + end }
    if ofOrder.contains(name) {
      return start + ": counts do not tell the order of the teacher's probabilities" + end
    }
    if name == .sinkd {
      return start + ": the noise of the draws lengthens every distance between rows" + end
    }
    return start + ": it is not linear in the teacher's probabilities, so counts would bias every"
      + " gradient" + end + ", or run the teacher with --teacher"
  }

  // MARK: What is learned from

  /// Groups end with windows of 8 tokens.
  private static func loss(_ name: ObjectiveName) -> String {
    switch name {
    case .kdSim: "kd-sim:table=table.json"
    case .sinkd, .topkd: name.rawValue + ":group=4"
    default: name.rawValue
    }
  }

  private func target(_ kind: TargetKind, of name: ObjectiveName) throws -> [String] {
    switch kind {
    case .label: []
    case .dense: ["--teacher", "teacher"]
    case .sampled, .topk: ["--samples", try store(kind, of: name)]
    }
  }

  /// A store with what the loss needs of each set, made where there is none.
  private func store(_ kind: TargetKind, of name: ObjectiveName) throws -> String {
    let scalars = ObjectiveChoice(name).scalars(for: kind).map(\.rawValue)
    let isMatched = kind == .sampled && [.ttm, .wttm].contains(name)
    let words = [kind.rawValue] + scalars + (isMatched ? ["matched"] : [])
    let path = words.joined(separator: "-") + ".rfx"
    if folder.exists(path) { return path }
    var options = ["--rounds", "200", "--estimator", kind == .topk ? "topk" : "multinomial"]
    if !scalars.isEmpty { options += ["--record", scalars.joined(separator: ",")] }
    if isMatched { options += ["--tau", "0.5", "--uncorrected"] }
    try samples.done(
      [
        "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", path, "--context",
        "8", "--precision", "float32", "--quiet",
      ] + options)
    return path
  }

  /// A row of two numbers for each of the 257 ids.
  private func writeTable() throws {
    let rows = (0..<257).map { "[\($0 % 7 + 1), \($0 % 5)]" }.joined(separator: ",")
    try folder.write("table.json", "[" + rows + "]")
  }
}
