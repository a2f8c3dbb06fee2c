internal import RefluxFiles
internal import RefluxJSON
internal import RefluxReport
internal import RefluxStorage
internal import RefluxTargets

extension Quickstart {
  /// Rows, table and page from the models' figures.
  func report(_ models: [QuickstartModel]) throws -> QuickstartResults {
    let rows = try models.map { try row($0, in: models) }
    var page = QuickstartReport(
      title: "Reflux quickstart",
      subtitle: "Four students of one size learn from one teacher: from labels, from its top"
        + " \(configuration.topK) ids, from \(configuration.rounds) random draws, and from its"
        + " full distribution.",
      facts: facts.map { Fact($0.label, $0.value) }, rows: rows,
      heldOutCurves: curves(models, \.heldOutLoss),
      trainingCurves: curves(models, \.loss),
      reliability: models.map { model in
        ReliabilityDiagram(
          name: model.title,
          bins: model.figures.bins.map {
            .init(confidence: $0.confidence, accuracy: $0.accuracy, weight: $0.weight)
          }, ecePercent: model.figures.ecePercent)
      })
    let remarks = [page.finding, configuration.sizeRemark].compactMap { $0 }
    page.notes = remarks + notes
    try naming(folder.report) {
      try FileSystem.writeFile(path: folder.report, bytes: [UInt8](page.html().utf8))
    }
    let results = QuickstartResults(
      rows: rows, table: page.table(), markdown: page.markdownTable(), remarks: remarks,
      reportPath: folder.report)
    try naming(folder.results) {
      let text = JSONValue.object(results.json).encoded() + [UInt8(ascii: "\n")]
      try FileSystem.writeFile(path: folder.results, bytes: text)
    }
    return results
  }

  private func row(
    _ model: QuickstartModel, in models: [QuickstartModel]
  ) throws(RecipeError) -> MethodRow {
    let loss = { (objective: ObjectiveName) in
      models.first { $0.objective == objective }?.figures.lmLoss ?? .nan
    }
    let (figures, run) = (model.figures, model.metrics.row)
    let gap = loss(.ce) - loss(.fullkd)
    let closed =
      gap < QuickstartReport.telling ? nil : 100 * (loss(.ce) - figures.lmLoss) / gap
    return MethodRow(
      method: model.title, objective: model.objective, lmLoss: figures.lmLoss,
      perplexity: nil, gapPercent: model.objective == nil ? nil : closed,
      ecePercent: figures.ecePercent,
      acceptancePercent: figures.acceptancePercent, topOnePercent: figures.topOnePercent,
      tokensPerSecond: run.tokensPerSecond, dataWaitPercent: run.dataWaitPercent,
      cacheBytesPerToken: try cacheBytes(model.objective))
  }

  /// Bytes of the sealed sample store per record.
  private func cacheBytes(_ objective: ObjectiveName?) throws(RecipeError) -> Double? {
    guard let path = samplesPath(objective) else { return nil }
    let size = try naming(path) { () throws(FileError) in try FileSystem.size(path: path) }
    do { return Double(size) / Double(max(try SampleStore(path: path).count, 1)) } catch {
      throw .store(path: path, error)
    }
  }

  private func curves(
    _ models: [QuickstartModel], _ figure: KeyPath<RunMetrics.Line, Double>
  ) -> [LossCurve] {
    models.map { LossCurve(name: $0.title, points: $0.metrics.curve(figure).points) }
  }

  private var notes: [String] {
    [
      "All students start from the same weights and see the same batches in the same order; only"
        + " the target differs. One seed: differences of about 0.01 in LM loss are noise.",
      "Training losses are not comparable between methods: cross-entropy includes the entropy of"
        + " the text, a forward KL does not. Held-out loss is cross-entropy for all.",
      "Acceptance is the mean overlap of the student's and the teacher's distributions: the share"
        + " of drafted tokens that speculative decoding would keep.",
    ]
  }
}
