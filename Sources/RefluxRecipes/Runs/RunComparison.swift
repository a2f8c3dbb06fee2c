public import RefluxReport

/// Runs of training on one page.
public enum RunComparison {
  /// Reads the runs in the order of `paths`, folders of `reflux train` or their `metrics.jsonl`.
  ///
  /// Runs of the same name are called by their paths. Throws what ``RunMetrics`` throws.
  public static func read(_ paths: [String]) throws(RecipeError) -> [RunMetrics] {
    var runs: [RunMetrics] = []
    for path in paths { runs.append(try RunMetrics(path: path)) }
    let names = runs.map(\.name)
    for (index, name) in names.enumerated() where names.filter({ $0 == name }).count > 1 {
      runs[index].name = runs[index].path
    }
    return runs
  }

  /// The page; runs without held-out figures have no part in their charts.
  public static func report(_ runs: [RunMetrics]) -> RunReport {
    let curves = { (figure: KeyPath<RunMetrics.Line, Double>) in
      runs.map { $0.curve(figure) }.filter { !$0.points.isEmpty }
    }
    return RunReport(
      title: runs.count == 1 ? runs[0].name : "Comparison of \(runs.count) runs",
      subtitle: runs.count == 1 ? "What its training has logged." : names(runs),
      rows: runs.map(\.row), heldOutCurves: curves(\.heldOutLoss), trainingCurves: curves(\.loss),
      rateCurves: curves(\.rate), waitCurves: curves(\.wait),
      reliability: runs.compactMap(\.diagram))
  }

  private static func names(_ runs: [RunMetrics]) -> String {
    let names = runs.map(\.name)
    return names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1] + "."
  }
}
