import RefluxBenchmarks
import RefluxBytes
import RefluxJSON

/// Rows of benchmarks for people: a table for each benchmark.
///
/// Conditions and goals that are the same in all its rows stand in the table's first line, the rest
/// in columns. The fastest and slowest tenth of the runs are left to scripts.
struct RowTable {
  private static let hiddenKeys: Set = ["bench", "p10_ms", "p90_ms"]
  private let rows: [BenchmarkRow]

  init(_ rows: [BenchmarkRow]) { self.rows = rows }

  /// All tables with a blank line between them; empty without rows.
  var text: String {
    var names: [String] = []
    for row in rows where !names.contains(row.bench) { names.append(row.bench) }
    return names.map { name in
      Self.table(name, rows.filter { $0.bench == name })
    }.joined(separator: "\n")
  }

  private static func table(_ name: String, _ rows: [BenchmarkRow]) -> String {
    let objects = rows.map(\.object)
    var keys: [String] = []
    for key in objects.flatMap(\.members).map(\.key)
    where !keys.contains(key) && !hiddenKeys.contains(key) { keys.append(key) }
    let conditions = Set(rows.flatMap(\.parameters.members).map(\.key) + ["threads", "runs"])
    let isShared = { (key: String) in
      (conditions.contains(key) || key.hasPrefix("goal_"))
        && objects.allSatisfy { $0[key] != nil && $0[key] == objects[0][key] }
    }
    let shared = keys.filter(isShared).map { words($0) + " " + cell(objects[0][$0]) }
    let columns = keys.filter { !isShared($0) }.map { key in
      column(key, objects.map { cell($0[key]) })
    }
    return ([name] + shared).joined(separator: ", ") + "\n" + lines(columns)
  }

  /// A column's cells from top to bottom: the words of its key, then the values.
  private static func column(_ key: String, _ values: [String]) -> (head: [String], body: [String])
  {
    (words(key).split(separator: " ").map(String.init), values)
  }

  private static func lines(_ columns: [(head: [String], body: [String])]) -> String {
    let height = columns.map(\.head.count).max() ?? 0
    var text = ""
    let cells = columns.map { column in
      Array(repeating: "", count: height - column.head.count) + column.head + column.body
    }
    let widths = cells.map { $0.map(\.count).max() ?? 0 }
    for line in 0..<(cells.first?.count ?? 0) {
      let padded = zip(cells, widths).map { cells, width in
        String(repeating: " ", count: width - cells[line].count) + cells[line]
      }
      text += "  " + padded.joined(separator: "  ") + "\n"
    }
    return text
  }

  private static func words(_ key: String) -> String {
    String(key.map { $0 == "_" ? " " : $0 })
  }

  private static func cell(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: "-"
    case .string(let text): text
    case .integer(let number): Quantity.grouped(number)
    case .number(let number): Quantity.decimal(number)
    case .some(let other): other.line
    }
  }
}
