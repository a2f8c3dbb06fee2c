internal import RefluxTraining

/// One way to train the quickstart's student.
struct StudentMethod: Sendable {
  /// Folder and key of the results.
  var name: String
  /// As readers see it.
  var title: String
  var objective: Objective

  static func all(topK: Int, rounds: Int) -> [StudentMethod] {
    [
      StudentMethod(name: "ce", title: "CE", objective: .ce),
      StudentMethod(name: "topk", title: "Top-\(topK)", objective: .topk),
      StudentMethod(name: "rskd", title: "RS-KD \(rounds)", objective: .rskd),
      StudentMethod(name: "fullkd", title: "FullKD", objective: .fullkd),
    ]
  }
}
