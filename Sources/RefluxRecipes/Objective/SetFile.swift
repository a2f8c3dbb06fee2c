internal import RefluxInterchange
internal import RefluxJSON
internal import RefluxLosses
internal import RefluxTargets

/// Sets of ids of a file: JSON objects, one for each row, or columns of all rows together in a JSON
/// object or a safetensors file.
///
/// A set has `ids`, `counts` or `weights`, and any of `mass`, `logsum`, `entropy`, `label` and
/// `power`. Columns may say `tau`, the exponent that counts were drawn at.
struct SetFile {
  private let file: NumberFile
  private let path: String

  init(path: String) throws(RecipeError) {
    (self.path, file) = (path, try NumberFile(path: path))
  }

  /// The sets as a target.
  func target() throws(RecipeError) -> ReferenceTarget {
    if !file.isText { return try columns() }
    do throws(InterchangeError) {
      let documents = try documents()
      if documents.count == 1, let object = documents[0].objectValue, Self.isOfColumns(object) {
        return try Self.target(Columns(object))
      }
      let only = documents.count == 1 ? documents[0].arrayValue : nil
      return try Self.target(rows: only ?? documents)
    } catch { throw .foreign(path: path, error) }
  }

  private static func isOfColumns(_ object: JSONObject) -> Bool {
    object["ids"]?.arrayValue?.first?.arrayValue != nil
  }

  /// The whole file, or a document for each line.
  private func documents() throws(InterchangeError) -> [JSONValue] {
    let text = file.text
    if let whole = try? JSONValue(parsing: text, maximumValues: NumberFile.maximumValues) {
      return [whole]
    }
    var documents: [JSONValue] = []
    for line in text.split(separator: 0x0A) where line.contains(where: { $0 > 0x20 }) {
      do { documents.append(try JSONValue(parsing: Array(line))) } catch { throw .json(error) }
    }
    return documents
  }

  // MARK: Sets

  private static func target(rows: [JSONValue]) throws(InterchangeError) -> ReferenceTarget {
    var (sets, isDrawn): ([ReferenceSet], Bool?) = ([], nil)
    for (row, value) in rows.enumerated() {
      guard let object = value.objectValue else {
        throw .malformed(
          part: "row \(row)", found: value.kind, expected: "an object with ids and weights")
      }
      let hasCounts = object["counts"] != nil
      if let isDrawn, isDrawn != hasCounts {
        throw .malformed(
          part: "row \(row)", found: hasCounts ? "counts" : "weights",
          expected: "what the rows before it have")
      }
      isDrawn = hasCounts
      sets.append(try set(object, row))
    }
    return isDrawn == true ? .drawn(sets, tau: 1) : .top(sets)
  }

  private static func set(_ object: JSONObject, _ row: Int) throws(InterchangeError) -> ReferenceSet
  {
    var scalars: [TargetScalar: Double] = [:]
    for scalar in TargetScalar.allCases {
      guard let value = object[scalar.rawValue] else { continue }
      guard let number = value.doubleValue else {
        throw .malformed(
          part: "row \(row): \(scalar.rawValue)", found: value.kind, expected: "a number")
      }
      scalars[scalar] = number
    }
    let ids = try NumberFile.integers(of: object["ids"] ?? .null)
    if let counts = object["counts"] {
      return try counted(ids, NumberFile.integers(of: counts), scalars, row)
    }
    let weights = try NumberFile.numbers(of: object["weights"] ?? .null, at: []).values
    return ReferenceSet(ids: ids, weights: weights, scalars: scalars)
  }

  /// Places without a draw are left out: arrays have them to be of one width.
  private static func counted(
    _ ids: [Int], _ counts: [Int], _ scalars: [TargetScalar: Double], _ row: Int
  ) throws(InterchangeError) -> ReferenceSet {
    guard ids.count == counts.count, counts.allSatisfy({ $0 >= 0 }),
      counts.contains(where: { $0 > 0 })
    else {
      throw .malformed(
        part: "row \(row): counts", found: "\(counts.count) for \(ids.count) ids",
        expected: "one of 0 or more for each id, not all 0")
    }
    let drawn = zip(ids, counts).filter { $0.1 > 0 }
    return ReferenceSet(ids: drawn.map(\.0), counts: drawn.map(\.1), scalars: scalars)
  }

  // MARK: Columns

  /// All rows by key.
  private struct Columns {
    var ids: [[Int]]
    var counts: [[Int]]?
    var weights: [[Double]]?
    var scalars: [TargetScalar: [Double]] = [:]
    var tau = 1.0

    init(_ object: JSONObject) throws(InterchangeError) {
      func rows(_ key: String) throws(InterchangeError) -> [[Int]]? {
        guard let value = object[key] else { return nil }
        var rows: [[Int]] = []
        for row in value.arrayValue ?? [] { rows.append(try NumberFile.integers(of: row)) }
        return rows
      }
      ids = try rows("ids") ?? []
      counts = try rows("counts")
      if let value = object["weights"] {
        var rows: [[Double]] = []
        for row in value.arrayValue ?? [] {
          rows.append(try NumberFile.numbers(of: row, at: []).values)
        }
        weights = rows
      }
      for scalar in TargetScalar.allCases {
        guard let value = object[scalar.rawValue] else { continue }
        scalars[scalar] = try NumberFile.numbers(of: value, at: []).values
      }
      tau = object["tau"]?.doubleValue ?? 1
    }

    init(_ file: SafetensorsFile, _ bytes: RawSpan) throws(InterchangeError) {
      let all = try file.integers(named: "ids", bytes)
      let width = try file.tensor(named: "ids").shape.last ?? 1
      func cut<Value>(_ values: [Value]) -> [[Value]] {
        stride(from: 0, to: values.count, by: max(1, width)).map {
          Array(values[$0..<min($0 + width, values.count)])
        }
      }
      ids = cut(all)
      if file.hasTensor(named: "counts") {
        counts = cut(try file.integers(named: "counts", bytes))
      } else {
        let tensor = try file.numbers(named: "weights")
        weights = cut(try tensor.type.doubles(at: tensor.bytes, of: bytes))
      }
      for scalar in TargetScalar.allCases where file.hasTensor(named: scalar.rawValue) {
        let tensor = try file.numbers(named: scalar.rawValue)
        scalars[scalar] = try tensor.type.doubles(at: tensor.bytes, of: bytes)
      }
      tau = file.metadata["tau"].flatMap { Double($0) } ?? 1
    }
  }

  private func columns() throws(RecipeError) -> ReferenceTarget {
    try file.withTensors { file, bytes throws(InterchangeError) in
      try Self.target(Columns(file, bytes))
    }
  }

  private static func target(_ columns: Columns) throws(InterchangeError) -> ReferenceTarget {
    let rows = columns.ids.count
    let lengths =
      [columns.counts?.count, columns.weights?.count].compactMap { $0 }
      + columns.scalars.values.map(\.count)
    guard columns.counts != nil || columns.weights != nil, lengths.allSatisfy({ $0 == rows }) else {
      throw .malformed(
        part: "the sets", found: "\(rows) rows of ids, \(lengths) of others",
        expected: "counts or weights, and all of one length")
    }
    var sets: [ReferenceSet] = []
    for row in 0..<rows {
      let scalars = columns.scalars.mapValues { $0[row] }
      if let counts = columns.counts {
        sets.append(try counted(columns.ids[row], counts[row], scalars, row))
      } else {
        let weights = columns.weights?[row] ?? []
        sets.append(ReferenceSet(ids: columns.ids[row], weights: weights, scalars: scalars))
      }
    }
    return columns.counts == nil ? .top(sets) : .drawn(sets, tau: columns.tau)
  }
}
