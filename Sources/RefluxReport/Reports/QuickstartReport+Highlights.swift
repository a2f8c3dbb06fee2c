internal import RefluxTargets

/// A large figure with the sentence that it completes.
struct Highlight: Equatable, Sendable {
  var figure: String
  var text: String
  /// The same figure of other methods, each with its name.
  var rivals: [String] = []
}

extension QuickstartReport {
  /// Up to four figures of the first row trained with `rskd`, beside those of its rivals.
  var highlights: [Highlight] {
    guard let row = rows.first(where: { $0.objective == .rskd }) else { return [] }
    let gap = finite(row.gapPercent).map {
      Highlight(
        figure: percent($0, 0),
        text: "of the gap in loss from CE to FullKD closed by \(row.method)")
    }
    let error = finite(row.ecePercent).map {
      Highlight(
        figure: percent($0, 1), text: "calibration error of \(row.method)",
        rivals: rivals(of: row, at: \.ecePercent))
    }
    let acceptance = finite(row.acceptancePercent).map {
      Highlight(
        figure: percent($0, 1), text: "speculative acceptance of \(row.method)",
        rivals: rivals(of: row, at: \.acceptancePercent))
    }
    let cache = finite(row.cacheBytesPerToken).map {
      Highlight(
        figure: Figure.fixed($0, decimals: 1) + "\u{00A0}B",
        text: "of cached teacher per training token")
    }
    return [gap, error, acceptance, cache].compactMap { $0 }
  }

  private func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }

  private func percent(_ value: Double, _ decimals: Int) -> String {
    Figure.typeset(Figure.percent(value, decimals: decimals))
  }

  private func rivals(of row: MethodRow, at path: KeyPath<MethodRow, Double?>) -> [String] {
    let others = rows.filter { !$0.isTeacher && $0.objective != row.objective }
    return others.prefix(3).compactMap { other in
      finite(other[keyPath: path]).map { "\(other.method)\u{00A0}\(percent($0, 1))" }
    }
  }
}
