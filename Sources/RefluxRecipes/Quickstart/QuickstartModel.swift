/// A trained model of the quickstart, as its report shows it.
struct QuickstartModel {
  /// Folder and key of the results.
  var name: String
  /// As readers see it.
  var title: String
  var figures: ModelFigures
  /// What its training logged.
  var metrics: RunMetrics
}
