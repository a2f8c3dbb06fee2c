import RefluxLosses
import RefluxTargets

/// The losses of `train` as its help shows them: by what they can be learned from.
enum LossNames {
  /// A paragraph for each kind of target.
  static var text: String {
    let kinds: [(TargetKind, String)] = [
      (.label, "labels alone"), (.sampled, "random draws (--samples)"),
      (.topk, "top-K sets (--samples)"), (.dense, "a teacher beside the student (--teacher)"),
    ]
    return kinds.map { kind, words in "  \(words):\n" + lines(names(of: kind)) }
      .joined(separator: "\n")
  }

  /// Lines of at most 76 columns.
  private static func lines(_ names: [String]) -> String {
    var lines = ["   "]
    for name in names {
      if lines[lines.count - 1].count + 1 + name.count > 76 { lines.append("   ") }
      lines[lines.count - 1] += " " + name
    }
    return lines.joined(separator: "\n")
  }

  private static func names(of kind: TargetKind) -> [String] {
    ObjectiveEntry.all.filter { entry in
      entry.kinds.contains(kind) && (try? ObjectiveChoice(entry.name).requireTrainable()) != nil
    }.map(\.name.rawValue)
  }
}
