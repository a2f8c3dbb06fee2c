public import RefluxTargets

/// Which targets an objective can be trained from.
extension ObjectiveChoice {
  /// The kind of target that a run learns from, by what it has: sets that fit win over a teacher
  /// that runs beside the student.
  ///
  /// - Throws: what ``check(_:)`` says of sets that do not fit, where there is no teacher in their
  ///   place; `noTarget` where there is nothing to learn from.
  public func kind(sets: SetFacts?, hasTeacher: Bool) throws(ObjectiveError) -> TargetKind {
    let kinds = name.entry.kinds
    if kinds == [.label] { return .label }
    let refusal = sets.flatMap(refusal)
    if let sets, refusal == nil { return sets.kind }
    if hasTeacher && kinds.contains(.dense) { return .dense }
    throw refusal ?? .noTarget(name)
  }

  private func refusal(_ sets: SetFacts) -> ObjectiveError? {
    do throws(ObjectiveError) { try check(sets) } catch { return error }
    return nil
  }

  /// Refuses sets from which the objective's gradient would be another one.
  ///
  /// - Throws: `kind`, `temperature`, `droppedTail`, `intraOfSets`, `draws`, `corrected`,
  ///   `uncorrected`, `missingScalar`, `power`.
  public func check(_ sets: SetFacts) throws(ObjectiveError) {
    try checkForm(sets)
    let needed = scalars(for: sets.kind)
    for scalar in needed where !sets.scalars.contains(scalar) {
      throw .missingScalar(name, scalar)
    }
    if needed.contains(.power), let found = sets.gamma, found != number("gamma") {
      throw .power(name, gamma: number("gamma"), found: found)
    }
  }

  /// The same without what each set has beside its ids.
  func checkForm(_ sets: SetFacts) throws(ObjectiveError) {
    if !name.entry.kinds.contains(sets.kind) { throw .kind(name, sets.kind, sets.estimator) }
    let isTempered = name == .pld && number("tau") != 1
    let temperature = isTempered ? number("tau") : self.temperature
    if temperature != sets.temperature { throw .temperature(temperature, sets: sets.temperature) }
    let isInfinite = name == .rkl && number("fkl") < 1 || [.todi, .mix].contains(name)
    if isInfinite, word("tail") == "drop" { throw .droppedTail(name) }
    if name == .dist, number("intra") > 0 { throw .intraOfSets }
    if sets.kind == .sampled { try checkDraws(sets) }
  }

  private func checkDraws(_ sets: SetFacts) throws(ObjectiveError) {
    if [.ttm, .wttm].contains(name) {
      let gamma = number("gamma")
      if sets.tau != gamma { throw .draws(name, gamma: gamma, tau: sets.tau) }
      if sets.isCorrected && gamma != 1 { throw .corrected(name) }
    } else if !sets.isCorrected && sets.tau != 1 {
      throw .uncorrected(name, tau: sets.tau)
    }
  }

  /// What sets of a kind must have beside their ids.
  public func scalars(for kind: TargetKind) -> [TargetScalar] {
    let all = name.entry.scalars[kind] ?? []
    // Only raw logits need their sum.
    return name == .gld && word("input") != "raw" ? all.filter { $0 != .logsum } : all
  }

  /// What makes targets of a kind better where sets have it, of what all of these have.
  public func welcome(from kind: TargetKind, _ sets: [SetFacts]) -> [TargetScalar] {
    // Without the rest its mass is of no use.
    if let tail = word("tail"), ["drop", "zero"].contains(tail) { return [] }
    return (name.entry.welcome[kind] ?? []).filter { scalar in
      sets.allSatisfy { $0.scalars.contains(scalar) }
    }
  }

  /// Refuses an objective that is of no training of a language model.
  ///
  /// - Throws: `untrainable`.
  public func requireTrainable() throws(ObjectiveError) {
    if [.kdRel, .llp].contains(name) { throw .untrainable(name) }
  }

  /// Refuses a group of rows that ends in another window.
  ///
  /// - Throws: `window`.
  public func check(window: Int) throws(ObjectiveError) {
    let group = integer("group")
    if standsInGroups, !window.isMultiple(of: group) { throw .window(window, group: group) }
  }

  /// Consecutive rows that are taken together: of a group, or of a window; 1 where each stands for
  /// itself.
  public func rowsTogether(window: Int) -> Int {
    switch name.entry.grouping {
    case .none: 1
    case .window: window
    case .group: standsInGroups ? integer("group") : 1
    }
  }

  /// Whether the rows of a group are taken together.
  var standsInGroups: Bool {
    name.entry.grouping == .group && (name != .dist || number("intra") > 0)
  }

  /// Whether the label is part of the target, so that it can have no share of its own.
  public var containsLabel: Bool {
    name == .pld || name == .lbf && word("form") == "paper" || hasSecondHead
  }

  /// Whether training has a second head that learns from the teacher, while the model's own learns
  /// from the label.
  public var hasSecondHead: Bool { name == .dhkd }
}
