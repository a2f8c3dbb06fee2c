public import RefluxEvaluation
internal import RefluxFiles
internal import RefluxJSON
public import RefluxReport
internal import RefluxTraining

/// Runs of training on one page.
public enum RunComparison {
  /// Reads the runs in the order of `paths`, folders of `reflux train` or their `metrics.jsonl`.
  ///
  /// A folder without rows of its own stands for the runs in it, and in the folders in it, by name.
  /// Runs of the same name are called by their paths.
  ///
  /// - Throws: what ``RunMetrics`` throws, and ``RecipeError/noRun(path:)``.
  public static func read(_ paths: [String]) throws(RecipeError) -> [RunMetrics] {
    var runs: [RunMetrics] = []
    for path in paths {
      for run in try Self.runs(at: path) { runs.append(try RunMetrics(path: run)) }
    }
    let names = runs.map(\.name)
    for (index, name) in names.enumerated() where names.filter({ $0 == name }).count > 1 {
      runs[index].name = runs[index].path
    }
    return runs
  }

  /// The runs that a path stands for.
  private static func runs(at path: String) throws(RecipeError) -> [String] {
    guard FileSystem.isFolder(path: path), !hasRows(path) else { return [path] }
    let folders = try folders(in: path)
    let found = folders.filter(hasRows)
    if !found.isEmpty { return found }
    var below: [String] = []
    for folder in folders { below += try Self.folders(in: folder).filter(hasRows) }
    if below.isEmpty { throw .noRun(path: path) }
    return below
  }

  private static func hasRows(_ folder: String) -> Bool {
    FileSystem.exists(path: folder + "/" + RunLog.metricsName)
  }

  private static func folders(in path: String) throws(RecipeError) -> [String] {
    let names = try naming(path) { () throws(FileError) in try FileSystem.names(in: path) }
    let base = path.hasSuffix("/") ? path : path + "/"
    return names.filter { !$0.hasPrefix(".") }.map { base + $0 }.filter(FileSystem.isFolder)
  }

  /// The page; runs without held-out figures have no part in their charts.
  public static func report(_ runs: [RunMetrics]) -> RunReport {
    let curves = { (figure: KeyPath<RunMetrics.Line, Double>) in
      runs.map { $0.curve(figure) }.filter { !$0.points.isEmpty }
    }
    var report = RunReport(
      title: runs.count == 1 ? runs[0].name : "Comparison of \(runs.count) runs",
      subtitle: runs.count == 1 ? "What its training has logged." : names(runs),
      rows: runs.map(\.row), heldOutCurves: curves(\.heldOutLoss), trainingCurves: curves(\.loss),
      rateCurves: curves(\.rate), waitCurves: curves(\.wait),
      reliability: runs.compactMap(\.diagram))
    report.differences = differences(runs)
    if runs.count == 1 {
      report.facts = (runs[0].settings?.members ?? []).map { Fact(words($0.key), text($0.value)) }
    }
    report.learningRateCurves = curves(\.learningRate)
    report.gradientNormCurves = curves(\.gradientNorm)
    return report
  }

  /// The settings that not all runs share, in the order of their files; nothing where a run does
  /// not know its own.
  public static func differences(_ runs: [RunMetrics]) -> [RunReport.Difference] {
    let settings = runs.compactMap(\.settings)
    if settings.count < runs.count { return [] }
    var keys: [String] = []
    for key in settings.flatMap(\.members).map(\.key) where !keys.contains(key) {
      keys.append(key)
    }
    return keys.compactMap { key in
      let values = settings.map { $0[key] ?? .null }
      return values.allSatisfy { $0 == values[0] }
        ? nil : RunReport.Difference(words(key), values.map(text))
    }
  }

  private static func words(_ key: String) -> String { String(key.map { $0 == "_" ? " " : $0 }) }

  private static func text(_ value: JSONValue) -> String {
    if let text = value.stringValue { return text }
    return value.isNull ? "-" : String(decoding: value.encoded(), as: UTF8.self)
  }

  private static func names(_ runs: [RunMetrics]) -> String {
    let names = runs.map(\.name)
    return names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1] + "."
  }
}

extension Calibration {
  /// The bins that have predictions, as a reliability diagram shows them.
  public var reliability: [ReliabilityDiagram.Bin] {
    bins.filter { $0.count > 0 }.map { bin in
      let count = Double(bin.count)
      return .init(
        confidence: bin.confidence / count, accuracy: Double(bin.correct) / count, weight: count)
    }
  }
}
