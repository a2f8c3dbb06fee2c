import RefluxJSON
import RefluxLosses
import RefluxTargets

/// The table of objectives as `reflux objective list` prints it.
enum ObjectiveList {
  /// One JSON object for each objective, or some lines for each.
  static func print(json: Bool) throws(Failure) {
    for entry in ObjectiveEntry.all {
      if json { try Output.line(object(entry)) } else { try Output.write(text(entry)) }
    }
  }

  /// The name with its options at their defaults; what it is; what it takes.
  private static func text(_ entry: ObjectiveEntry) -> String {
    let options = entry.options.map { "\($0.key)=\($0.defaultValue?.description ?? "FILE")" }
    let targets = entry.kinds.filter { $0 != .label }.map { kind in
      let scalars = (entry.scalars[kind] ?? []).map(\.rawValue)
      return kind.rawValue + (scalars.isEmpty ? "" : " with " + scalars.joined(separator: ", "))
    }
    let takes = [targets.joined(separator: ", "), entry.needsLabel ? "labels" : ""]
    return """
      \(([entry.name.rawValue] + options).joined(separator: " "))
          \(entry.summary)
          use: \(entry.advice)
          from \(takes.filter { !$0.isEmpty }.joined(separator: "; "))

      """
  }

  private static func object(_ entry: ObjectiveEntry) -> JSONObject {
    let scalars = TargetKind.allCases.compactMap { kind in
      entry.scalars[kind].map { JSONObject.Member(kind.rawValue, strings($0.map(\.rawValue))) }
    }
    return [
      "name": .string(entry.name.rawValue), "summary": .string(entry.summary),
      "options": .array(entry.options.map { .object(object($0)) }),
      "targets": strings(entry.kinds.map(\.rawValue)), "scalars": .object(JSONObject(scalars)),
      "needs_label": .bool(entry.needsLabel), "rows_together": .string(entry.grouping.rawValue),
      "cost": .string(entry.cost.rawValue), "advice": .string(entry.advice),
      "source": .string(entry.source),
    ]
  }

  private static func object(_ option: ObjectiveOption) -> JSONObject {
    [
      "key": .string(option.key),
      "default": option.defaultValue.map { .string($0.description) } ?? .null,
      "takes": .string(option.expected), "help": .string(option.help),
    ]
  }

  private static func strings(_ texts: [String]) -> JSONValue {
    .array(texts.map { .string($0) })
  }
}
