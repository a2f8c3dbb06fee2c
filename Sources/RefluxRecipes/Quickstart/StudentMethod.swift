internal import RefluxTraining

/// One way to train the quickstart's student.
struct StudentMethod: Sendable {
  /// Folder and key of the results.
  var name: String { objective.rawValue }
  /// As readers see it.
  var title: String
  var objective: Objective

  static func all(topK: Int, rounds: Int) -> [StudentMethod] {
    [
      StudentMethod(title: "CE", objective: .ce),
      StudentMethod(title: "Top-\(topK)", objective: .topk),
      StudentMethod(title: "RS-KD \(rounds)", objective: .rskd),
      StudentMethod(title: "FullKD", objective: .fullkd),
    ]
  }
}
