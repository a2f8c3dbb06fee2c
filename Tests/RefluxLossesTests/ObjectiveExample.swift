import Foundation
import RefluxJSON
import RefluxTargets
import TestSupport

@testable import RefluxLosses

/// The worked examples that `References/make_objectives.py` stored.
struct ObjectiveExample {
  private let members: JSONObject

  /// All of them, by name.
  static let all: ObjectiveExample = {
    let path = RepositoryFolder.file("Tests/RefluxLossesTests/References/objectives.json")
    let bytes = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
    let value = try? JSONValue(parsing: Array(bytes))
    return ObjectiveExample(members: value?.objectValue ?? JSONObject())
  }()

  private init(members: JSONObject) { self.members = members }

  func loss(_ name: String) -> Double? { members[name]?.objectValue?["loss"]?.doubleValue }

  func gradient(_ name: String) -> [[Double]]? { matrix(name, "gradient") }

  func matrix(_ name: String, _ key: String) -> [[Double]]? {
    members[name]?.objectValue?[key]?.arrayValue.map { rows in
      rows.map { ($0.arrayValue ?? []).compactMap(\.doubleValue) }
    }
  }

  func numbers(_ name: String, _ key: String) -> [Double] {
    (members[name]?.objectValue?[key]?.arrayValue ?? []).compactMap(\.doubleValue)
  }

  // MARK: Inputs

  var student: [[Double]] { matrix("inputs", "z") ?? [] }
  var teacher: [[Double]] { matrix("inputs", "zt") ?? [] }
  var labels: [Int] { numbers("inputs", "y").map { Int($0) } }

  /// The two most probable ids of each row with their probabilities, and the scalars given.
  func topTwo(_ scalars: [TargetScalar: [Double]] = [:], of logits: [[Double]]? = nil)
    -> [ReferenceSet]
  {
    (logits ?? teacher).enumerated().map { row, logits in
      let p = ReferenceRow.softmax(logits)
      let ids = Array(ReferenceRow.order(logits).prefix(2))
      return ReferenceSet(
        ids: ids, weights: ids.map { p[$0] }, scalars: scalars.mapValues { $0[row] })
    }
  }
}
