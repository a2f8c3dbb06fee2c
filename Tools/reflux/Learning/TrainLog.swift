import RefluxBytes
import RefluxEvaluation
import RefluxJSON
import RefluxProfiling
import RefluxRecipes
import RefluxTraining
import Synchronization

/// What `train` prints: one JSON object for each logged step to scripts; to people a line every few
/// seconds, or nothing.
final class TrainLog: Sendable {
  private enum Form {
    case json, lines, nothing
  }

  private let form: Form
  /// Steps of the run, and since when the last line has been there; nil before the first.
  private let state = Mutex((steps: 0, lastLine: Stopwatch?.none))
  /// Whether the log itself shows how far the run is, so that nothing else needs to.
  var isShown: Bool { form == .lines }

  init(_ verb: TrainVerb) {
    form = verb.printing.json ? .json : verb.showing.quiet ? .nothing : .lines
  }

  /// What is going to be trained, or a logged step.
  func add(_ row: TrainingRow) throws(Failure) {
    switch row {
    case .outline(let outline):
      state.withLock { $0.steps = outline.configuration.steps }
      if isShown { try outline.facts.print(json: false) }
    case .step(let row): try add(row)
    }
  }

  private func add(_ row: MetricsRow) throws(Failure) {
    switch form {
    case .json: try Output.line(row.json)
    case .nothing: return
    case .lines:
      let steps = state.withLock { $0.steps }
      if isDue(row, steps) { try Output.line(line(row, steps)) }
    }
  }

  /// Where the model is, and what can be done with it.
  func end(_ text: String) throws(Failure) {
    if isShown { try Output.line(text) }
  }

  /// The first step and the last, evaluations, what was skipped, and a line every few seconds.
  private func isDue(_ row: MetricsRow, _ steps: Int) -> Bool {
    let isSpecial = row.heldOut != nil || row.report.skipped != nil || row.report.step == steps
    return state.withLock { state in
      if !isSpecial, let lastLine = state.lastLine, lastLine.seconds < 5 { return false }
      state.lastLine = Stopwatch()
      return true
    }
  }

  private func words(of sets: SetFigures) -> [String] {
    let capped = Quantity.fixed(sets.cappedPercent, places: 1)
    return [
      "mass of sets " + Quantity.decimal(sets.studentMass)
        + " (teacher \(Quantity.decimal(sets.teacherMass)))",
      "same top id \(Quantity.fixed(sets.agreementPercent, places: 1))%",
    ] + (sets.cappedPercent > 0 ? ["capped rows \(capped)%"] : [])
  }

  private func line(_ row: MetricsRow, _ steps: Int) -> String {
    let report = row.report
    var parts = [
      "step \(Quantity.grouped(report.step))/\(Quantity.grouped(steps))",
      "loss " + Quantity.decimal(report.loss)
        + (report.crossEntropy.map { " (cross-entropy \(Quantity.decimal($0)))" } ?? ""),
      "lr " + Quantity.decimal(report.learningRate),
      "grad norm " + Quantity.decimal(report.gradientNorm),
      Quantity.scaled(report.tokensPerSecond, unit: "tokens") + "/s",
      "data wait \(Quantity.fixed(report.dataWaitPercent, places: 1))%",
    ]
    if let sets = report.sets { parts += words(of: sets) }
    if let alpha = report.alpha { parts.append("alpha " + Quantity.decimal(alpha)) }
    if let heldOut = row.heldOut {
      parts.append("held-out loss " + Quantity.decimal(heldOut.lmLoss))
    }
    if report.skippedWindows > 0 { parts.append("skipped windows \(report.skippedWindows)") }
    if let skipped = report.skipped { parts.append("skipped: " + skipped) }
    return parts.joined(separator: "  ")
  }
}
