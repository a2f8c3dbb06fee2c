internal import RefluxTargets

extension ReferenceInput {
  /// Checks what an objective needs, then what the arrays hold.
  func check(_ objective: ObjectiveChoice) throws(ObjectiveError) {
    let entry = objective.name.entry
    if entry.needsLabel && labels == nil { throw .noLabels(entry.name) }
    try checkKind(objective)
    try Self.check(student, "the student", columns: size)
    try checkLabels()
    try checkTarget(objective)
    try checkWeights(objective)
    try checkGroups(objective)
    if entry.name == .llp { try checkScores() }
  }

  private func checkKind(_ objective: ObjectiveChoice) throws(ObjectiveError) {
    let entry = objective.name.entry
    if target.kind == .label, !entry.kinds.contains(.label) { throw .noTarget(entry.name) }
    if let facts = target.facts { return try objective.checkForm(facts) }
    if !entry.kinds.contains(target.kind) { throw .kind(entry.name, target.kind, nil) }
  }

  /// Rows of one length, finite or -infinity, with a finite number each.
  private static func check(
    _ rows: [[Double]], _ what: String, columns: Int
  ) throws(ObjectiveError) {
    for (index, row) in rows.enumerated() {
      if row.count != columns { throw .columns(row.count, of: what, expected: columns) }
      if let column = row.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
        throw .notFinite(row: index, column: column, of: what)
      }
      if !row.contains(where: \.isFinite) { throw .noProbability(row: index, of: what) }
    }
  }

  private func checkTarget(_ objective: ObjectiveChoice) throws(ObjectiveError) {
    switch target {
    case .none: break
    case .dense(let teacher):
      try checkCount(teacher.count, "the teacher")
      let isOther = [.uld, .gld].contains(objective.name)
      let columns = isOther ? teacher.first?.count ?? 0 : size
      try Self.check(teacher, "the teacher", columns: columns)
    case .top(let sets), .drawn(let sets, _):
      try checkCount(sets.count, "the target")
      for (row, set) in sets.enumerated() { try check(set, row, objective) }
    }
  }

  private func checkCount(_ count: Int, _ what: String) throws(ObjectiveError) {
    if count != student.count { throw .rows(count, of: what, expected: student.count) }
  }

  private func check(
    _ set: ReferenceSet, _ row: Int, _ objective: ObjectiveChoice
  ) throws(ObjectiveError) {
    if set.weights.count != set.ids.count {
      throw .columns(set.weights.count, of: "weights", expected: set.ids.count)
    }
    // Only by their order are ids of another vocabulary compared.
    let isOther = [.uld, .gld].contains(objective.name)
    var seen: Set<Int> = []
    for id in set.ids {
      if id < 0 || id >= size && !isOther { throw .id(id, row: row, vocabularySize: size) }
      if !seen.insert(id).inserted { throw .repeatedID(id, row: row) }
    }
    for weight in set.weights + set.scalars.values where !weight.isFinite {
      throw .weight(weight, row: row)
    }
    if let weight = set.weights.first(where: { $0 < 0 }) { throw .weight(weight, row: row) }
    let mass = set.weights.reduce(0, +)
    if mass <= 0 || mass > 1.00001 && objective.name != .rskd { throw .mass(mass, row: row) }
    try checkScalars(set, row, objective)
  }

  private func checkScalars(
    _ set: ReferenceSet, _ row: Int, _ objective: ObjectiveChoice
  ) throws(ObjectiveError) {
    for scalar in objective.scalars(for: target.kind) {
      // A set may hold the label.
      if scalar == .label, target.kind == .topk, set.ids.contains(labels?[row] ?? -1) { continue }
      if set.scalars[scalar] == nil { throw .missingScalar(objective.name, scalar) }
    }
  }

  private func checkLabels() throws(ObjectiveError) {
    guard let labels else { return }
    try checkCount(labels.count, "the labels")
    for (row, label) in labels.enumerated()
    where !student[row].indices.contains(label) && !Self.ignoredLabels.contains(label) {
      throw .label(label, row: row, vocabularySize: size)
    }
  }

  private func checkWeights(_ objective: ObjectiveChoice) throws(ObjectiveError) {
    if let weights {
      try checkCount(weights.count, "the weights")
      if let row = weights.firstIndex(where: { !($0.isFinite && $0 >= 0) }) {
        throw .rowWeight(weights[row], row: row)
      }
      let isUneven = weights.contains { $0 != 0 && $0 != 1 }
      if isUneven, objective.name.entry.grouping != .none { throw .unevenRows(objective.name) }
    }
    if counted.isEmpty { throw .noRows }
  }

  private func checkGroups(_ objective: ObjectiveChoice) throws(ObjectiveError) {
    let group = objective.integer("group")
    if objective.standsInGroups, student.count % group != 0 {
      throw .group(group, rows: student.count)
    }
    if objective.name == .kdSim {
      if table.count != size { throw .table(rows: table.count, vocabularySize: size) }
      try Self.checkTable(table)
    }
    if objective.name == .kdRel, groups.count != size {
      throw .columns(size, of: "a row", expected: groups.count)
    }
  }

  /// Rows of one length, all finite: cosines have no use for an infinity.
  private static func checkTable(_ table: [[Double]]) throws(ObjectiveError) {
    let width = table.first?.count ?? 0
    for (index, row) in table.enumerated() {
      if row.count != width { throw .columns(row.count, of: "the table", expected: width) }
      if let column = row.firstIndex(where: { !$0.isFinite }) {
        throw .noNumber(row: index, column: column, of: "the table")
      }
    }
  }

  private func checkScores() throws(ObjectiveError) {
    var arrays = [("the student", student)]
    if case .dense(let teacher) = target { arrays.append(("the teacher", teacher)) }
    for (what, rows) in arrays {
      for (row, scores) in rows.enumerated() {
        if let score = scores.first(where: { $0 <= 0 || $0 >= 1 }) {
          throw .score(score, row: row, of: what)
        }
      }
    }
  }
}
