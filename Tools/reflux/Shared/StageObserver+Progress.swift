import RefluxBytes
import RefluxRecipes
import RefluxTargets
import RefluxTraining

extension StageObserver {
  /// Shows stages as progress and notes as lines, and passes on the wish to stop.
  ///
  /// - Parameters:
  ///   - isQuiet: only notes that something is not as it could be.
  ///   - showsLines: whether stages have lines where there is no terminal to show a bar.
  ///   - hasSummary: whether a stage leaves a line when it ends.
  ///   - words: what a training's progress says beside tokens, rate and time left.
  ///   - row: takes a training's rows.
  static func console(
    isQuiet: Bool, showsLines: Bool = true, hasSummary: Bool = true,
    words: @escaping @Sendable (TrainingFigures) -> String = { $0.text },
    row: @escaping @Sendable (TrainingRow) throws -> Void = { _ in }
  ) -> StageObserver {
    StageObserver(
      begin: { name, unit, total, done in
        let progress = Progress(
          name, unit: unit, total: total, start: done, isQuiet: isQuiet, showsLines: showsLines)
        return Stage(
          update: { progress.update(to: $0, of: $1, note: $2.map(words)) },
          finish: { progress.finish(summary: hasSummary) })
      }, note: { $0.show(isQuiet: isQuiet) }, row: row,
      isInterrupted: { Interruption.isRequested })
  }
}

extension TrainingFigures {
  /// `loss 3.21, data wait 0.1%, held-out 3.4`.
  var text: String {
    "loss \(Quantity.decimal(loss)), data wait \(Quantity.fixed(dataWaitPercent, places: 1))%"
      + (heldOutLoss.map { ", held-out " + Quantity.decimal($0) } ?? "")
  }
}

extension RecipeNote {
  /// Writes the note, unless it says nothing but how a capture goes and the verb is quiet.
  func show(isQuiet: Bool) {
    switch self {
    case .windows, .forecast: if !isQuiet { Console.note("cache: " + words) }
    case .noSum where isQuiet: return
    default: Console.note("reflux: " + (path.map { $0 + ": " } ?? "") + words)
    }
  }

  /// The description with what the command calls things.
  private var words: String {
    switch self {
    case .idleAlpha(_, let objective):
      "'alpha' changes nothing with --loss \(objective.rawValue)"
    case .idleTeacher(_, let objective):
      "--loss \(objective.rawValue) does not run a teacher; only its tokenizer is looked at"
    case .idleSamples(_, let objective):
      "--loss \(objective.rawValue) learns from no samples; only their windows count"
    case .noTokenizer: "\(self); name it by --tokenizer"
    case .skippedWindows: "\(self); see 'reflux verify'"
    case .windows(_, .some): "\(self): --context N"
    default: description
    }
  }
}
