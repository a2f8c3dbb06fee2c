internal import RefluxFiles
internal import RefluxJSON
internal import RefluxReport
internal import RefluxStorage
internal import RefluxTraining

extension Quickstart {
  /// Rows, table and page from the models' figures.
  func report(
    _ models: [(name: String, title: String, figures: ModelFigures)], _ data: QuickstartData
  ) throws -> QuickstartResults {
    let rows = try models.map { try row($0.name, $0.title, $0.figures, in: models) }
    let page = QuickstartReport(
      title: "Reflux quickstart",
      subtitle: "Four students of one size learn from one teacher: from labels, from its top"
        + " \(configuration.topK) ids, from \(configuration.rounds) random draws, and from its"
        + " full distribution.",
      facts: facts.map { Fact($0.label, $0.value) }, rows: rows,
      heldOutCurves: curves(models) { $0.curves.heldOut },
      trainingCurves: curves(models) { $0.curves.training },
      reliability: models.map { model in
        ReliabilityDiagram(
          name: model.title,
          bins: model.figures.bins.map {
            .init(confidence: $0.confidence, accuracy: $0.accuracy, weight: $0.weight)
          }, ecePercent: model.figures.ecePercent)
      },
      notes: notes)
    try naming(folder.report) { () throws(FileError) in
      try FileSystem.writeFile(path: folder.report, bytes: [UInt8](page.html().utf8))
    }
    let results = QuickstartResults(
      rows: rows, table: page.table(), markdown: page.markdownTable(), reportPath: folder.report)
    try naming(folder.results) { () throws(FileError) in
      let text = JSONValue.object(results.json).encoded() + [UInt8(ascii: "\n")]
      try FileSystem.writeFile(path: folder.results, bytes: text)
    }
    return results
  }

  private func row(
    _ name: String, _ title: String, _ figures: ModelFigures,
    in models: [(name: String, title: String, figures: ModelFigures)]
  ) throws(RecipeError) -> MethodRow {
    let loss = { (name: String) in models.first { $0.name == name }?.figures.lmLoss ?? .nan }
    let gap = 100 * (loss("ce") - figures.lmLoss) / (loss("ce") - loss("fullkd"))
    let isTeacher = name == "teacher"
    return MethodRow(
      method: title, lossName: isTeacher ? "" : name, lmLoss: figures.lmLoss,
      perplexity: nil, gapPercent: isTeacher ? nil : gap, ecePercent: figures.ecePercent,
      acceptancePercent: figures.acceptancePercent, topOnePercent: figures.topOnePercent,
      tokensPerSecond: figures.tokensPerSecond, dataWaitPercent: figures.dataWaitPercent,
      cacheBytesPerToken: try cacheBytes(name), isTeacher: isTeacher)
  }

  /// Bytes of the sealed sample store per record.
  private func cacheBytes(_ name: String) throws(RecipeError) -> Double? {
    guard let path = ["rskd": folder.samples, "topk": folder.topSamples][name] else { return nil }
    let size = try naming(path) { () throws(FileError) in try FileSystem.size(path: path) }
    do { return Double(size) / Double(max(try SampleStore(path: path).count, 1)) } catch {
      throw .store(path: path, error)
    }
  }

  private func curves(
    _ models: [(name: String, title: String, figures: ModelFigures)],
    _ points: (ModelFigures) -> [ModelFigures.Point]
  ) -> [LossCurve] {
    models.map { model in
      LossCurve(
        name: model.title,
        points: points(model.figures).map { .init(tokens: $0.tokens, loss: $0.loss) })
    }
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
