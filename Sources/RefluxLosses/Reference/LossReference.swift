internal import RefluxTargets

/// Every objective by the book, in float64: what fast losses are judged by.
///
/// Slow and plain: each objective is written like its equation. Kernels take from here f of single
/// pairs in float64 (the rest of a set), softmax and order of a few numbers, and nothing else.
/// Conventions: z and z' are the logits of student and teacher, q = softmax(z / T) and
/// p = softmax(z' / T); natural logarithms, 0 log 0 = 0, sign(0) = 0; ids are ordered by descending
/// value, ties to the lower id. A loss is the mean over rows unless its entry says otherwise.
public enum LossReference {
  /// Loss and gradient of rows: the mean by their weights of those that count.
  ///
  /// - Returns: the loss in nats and its derivative by every logit of the student.
  /// - Throws: ``ObjectiveError`` where the target is none of the objective's kinds, lacks what the
  ///   objective needs, does not fit the rows, or makes the loss infinite.
  /// - Complexity: O(rows V log V) time and some arrays of V numbers, in groups of G rows O(G V)
  ///   for each row.
  public static func evaluate(
    _ objective: ObjectiveChoice, _ input: ReferenceInput
  ) throws(ObjectiveError) -> ReferenceResult {
    try input.check(objective)
    let counted = input.counted
    let result: ReferenceResult
    if counted.count == input.student.count || objective.name.entry.grouping != .group {
      result = try counting(counted, objective, input)
    } else {
      result = try byGroups(counted, objective, input)
    }
    if let row = result.rows?.firstIndex(where: { !$0.isFinite }) {
      throw .infinite(objective.name, row: row)
    }
    return result
  }

  /// The loss of some rows as if there were no others.
  private static func counting(
    _ counted: [Int], _ objective: ObjectiveChoice, _ input: ReferenceInput
  ) throws(ObjectiveError) -> ReferenceResult {
    let rows = input.rows(of: objective, counted)
    let result: ReferenceResult
    if objective.name.entry.grouping != .none {
      result = try together(objective, rows)
    } else {
      result = try separately(objective, rows, input)
    }
    let weights = input.countedWeights
    let isWeighted = weights.contains { $0 != weights[0] }
    return (isWeighted ? result.weighted(by: weights) : result)
      .placed(at: counted, of: input.student.count)
  }

  /// Groups without the rows that do not count: the mean over the rows that do.
  private static func byGroups(
    _ counted: [Int], _ objective: ObjectiveChoice, _ input: ReferenceInput
  ) throws(ObjectiveError) -> ReferenceResult {
    let group = objective.integer("group")
    var (sum, parts): (Double, [ReferenceResult]) = (0, [])
    for start in stride(from: 0, to: input.student.count, by: group) {
      let members = counted.filter { (start..<start + group).contains($0) }
      if members.isEmpty { continue }
      let rows = input.rows(of: objective, members)
      let part = try together(objective.with(group: members.count), rows)
      sum += part.loss * Double(members.count)
      parts.append(part.scaled(Double(members.count) / Double(counted.count)))
    }
    let rows = parts.compactMap(\.rows)
    return ReferenceResult(
      loss: sum / Double(counted.count),
      rows: rows.count == parts.count ? rows.flatMap(\.self) : nil,
      gradient: parts.flatMap(\.gradient)
    ).placed(at: counted, of: input.student.count)
  }

  /// Objectives whose value depends on which rows stand together.
  private static func together(
    _ objective: ObjectiveChoice, _ rows: [ReferenceRow]
  ) throws(ObjectiveError) -> ReferenceResult {
    switch objective.name {
    case .gld: try graph(rows, objective)
    case .sinkd: sinkhorn(rows, objective)
    case .topkd: topScaled(rows, objective)
    case .tad: tailAware(rows, objective)
    default: correlation(rows, objective)
    }
  }

  private static func separately(
    _ objective: ObjectiveChoice, _ rows: [ReferenceRow], _ input: ReferenceInput
  ) throws(ObjectiveError) -> ReferenceResult {
    var parts: [RowResult] = []
    for row in rows { parts.append(try part(of: row, objective, input)) }
    return ReferenceResult(mean: parts)
  }

  /// A row's own loss and gradient.
  private static func part(
    of row: ReferenceRow, _ objective: ObjectiveChoice, _ input: ReferenceInput
  ) throws(ObjectiveError) -> RowResult {
    switch objective.name {
    case .ce: crossEntropy(row)
    case .rskd, .topk, .naive, .smoothing, .fullkd, .ghost: sampling(row, objective)
    case .lbf: labelFused(row, objective)
    case .kdPT: labelShare(row)
    case .kdTopK: topShares(row, objective)
    case .kdSim: similar(row, objective, table: input.table)
    case .kdRel: try related(row, objective, groups: input.groups)
    case .ttm, .wttm: matching(row, objective)
    case .dkd: decoupled(row, objective)
    case .pld: plackettLuce(row, objective)
    case .uld: universal(row, objective)
    case .akl: try adaptive(row, objective)
    case .mix: byEntropy(row, objective)
    case .mse: squares(row, isCentred: objective.flag("centred"))
    case .dhkd: dualHead(row, objective)
    case .llp: links(row, margin: objective.number("margin"))
    default: divergence(row, objective)
    }
  }

  /// A row's loss and its derivative by each logit.
  typealias RowResult = (loss: Double, gradient: [Double])
}
