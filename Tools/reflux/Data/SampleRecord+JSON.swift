import RefluxJSON
import RefluxStorage

extension SampleRecord {
  /// The record as `cat` prints it.
  func object(isWeighted: Bool) -> JSONObject {
    var object: JSONObject = ["record": .integer(record), "ids": .integers(ids)]
    if isWeighted {
      object.members.append(.init("weights", .array(weights.map { .number($0) })))
    } else {
      object.members.append(.init("counts", .integers(counts)))
      object.members.append(.init("rounds", .integer(rounds)))
    }
    for extra in SampleExtra.allCases {
      guard let value = extras[extra] else { continue }
      object.members.append(.init(extra.rawValue, .number(value)))
    }
    return object
  }
}
