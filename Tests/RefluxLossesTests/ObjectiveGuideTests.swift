import Foundation
import RefluxLosses
import RefluxTargets
import TestSupport
import Testing

/// The guide Objectives says of each objective what the table says.
@Suite struct ObjectiveGuideTests {
  /// The row of an objective in the guide.
  private static func row(_ entry: ObjectiveEntry) -> String {
    let options = entry.options.map { "`\($0.key)=\($0.defaultValue?.description ?? "FILE")`" }
    let targets = entry.kinds.map { kind in
      let scalars = (entry.scalars[kind] ?? []).map(\.rawValue)
      return kind.rawValue + (scalars.isEmpty ? "" : " with " + scalars.joined(separator: ", "))
    }
    let cells = [
      "`\(entry.name.rawValue)`", entry.summary, targets.joined(separator: "; "),
      options.joined(separator: " "), entry.cost.rawValue, entry.advice, entry.source,
    ]
    let text = cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }
    return "| " + text.joined(separator: " | ") + " |"
  }

  @Test func everyObjectiveHasItsRow() throws {
    let file = RepositoryFolder.file("Sources/Reflux.docc/Objectives.md")
    let guide = try String(contentsOfFile: file, encoding: .utf8)
    let lines = guide.split(separator: "\n").map(String.init)
    let rows = lines.filter { $0.hasPrefix("| `") && $0.hasSuffix(" |") && $0.contains("` | ") }
    let expected = ObjectiveEntry.all.map(Self.row)
    for row in expected { #expect(rows.contains(row), "the guide lacks: \(row)") }
  }
}
