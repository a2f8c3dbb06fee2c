internal import RefluxBytes
public import RefluxReport
package import RefluxStorage
internal import RefluxTargets

/// The figures as a page.
extension StoreStatistics {
  /// A page with charts.
  ///
  /// - Parameter title: what the store is called.
  public func page(title: String) -> StoreReport {
    switch self {
    case .samples(let statistics, let store): Self.report(title, statistics, store)
    case .tokens(let statistics, let store): Self.report(title, statistics, store)
    }
  }

  private static func report(
    _ title: String, _ statistics: SampleStatistics, _ store: SampleStore
  ) -> StoreReport {
    var report = StoreReport(
      title: title,
      subtitle: "\(Quantity.grouped(statistics.records)) sample sets of up to "
        + "\(Quantity.grouped(store.capacity)) ids over a vocabulary of "
        + "\(Quantity.grouped(store.vocabularySize)).")
    report.highlights = [
      .init(Quantity.decimal(statistics.uniqueIDs.mean), "unique ids per record"),
      .init(Quantity.decimal(statistics.bytesPerRecord) + " B", "per record"),
      .init(Quantity.decimal(statistics.bytesPerUniqueID) + " B", "per unique id"),
    ]
    if statistics.labels > 0 {
      let share = Double(statistics.labelsInSupport) / Double(statistics.labels)
      report.highlights.append(
        .init(Quantity.fixed(100 * share, places: 1) + " %", "of sets hold the token that follows"))
    }
    report.charts.append(
      .init(
        title: "Unique ids per record",
        caption: "Half of the sets have at most \(statistics.uniqueIDs.quantile(0.5)) ids, "
          + "99 % at most \(statistics.uniqueIDs.quantile(0.99)).",
        axisName: "ids of a set", countName: "sets",
        columns: columns(statistics.uniqueIDs, unit: "ids")))
    if let mass = statistics.mass { report.charts.append(massChart(statistics, mass)) }
    report.parts = parts(statistics.parts)
    report.facts = facts(store.header, bytes: statistics.fileBytes)
    for (field, numbers) in statistics.fields {
      report.facts.append(Fact(field.rawValue, numbers.words))
    }
    return report
  }

  private static func massChart(
    _ statistics: SampleStatistics, _ mass: NumberSummary
  ) -> StoreReport.Chart {
    let steps = Double(statistics.massSteps.count)
    return .init(
      title: "Mass of the sets",
      caption: "The teacher's probability of all ids of a set together: \(mass.words).",
      axisName: "mass", countName: "sets",
      columns: statistics.massSteps.enumerated().map { step, count in
        let (from, to) = (Double(step) / steps, Double(step + 1) / steps)
        return .init(
          from: from, to: to, height: Double(count),
          label: "\(Quantity.decimal(from)) to \(Quantity.decimal(to)): "
            + "\(Quantity.grouped(count)) sets")
      })
  }

  private static func report(
    _ title: String, _ statistics: TokenStatistics, _ store: TokenStore
  ) -> StoreReport {
    let lengths = statistics.documentLengths
    var report = StoreReport(
      title: title,
      subtitle: "\(Quantity.grouped(statistics.records)) tokens in "
        + "\(Quantity.grouped(lengths.count)) documents over a vocabulary of "
        + "\(Quantity.grouped(store.vocabularySize)).")
    report.highlights = [
      .init(Quantity.scaled(Double(statistics.records), unit: "").trimmed, "tokens"),
      .init(Quantity.grouped(statistics.lengthQuantile(0.5)), "tokens in the median document"),
      .init(Quantity.grouped(statistics.differentIDs), "different ids"),
      .init(Quantity.decimal(statistics.bytesPerRecord) + " B", "per token"),
    ]
    var chart = StoreReport.Chart(
      title: "Lengths of the documents",
      caption: "From \(Quantity.grouped(lengths.first ?? 0)) to "
        + "\(Quantity.grouped(lengths.last ?? 0)) tokens, in steps of a factor of two.",
      axisName: "tokens", countName: "documents", columns: lengthColumns(lengths))
    chart.isBinary = true
    report.charts.append(chart)
    report.ranks = statistics.mostFrequent.prefix(12).map { frequency in
      .init(
        name: "id \(frequency.id)", size: Double(frequency.count),
        label: Quantity.grouped(frequency.count) + " · "
          + percent(frequency.count, of: statistics.records))
    }
    report.parts = parts(statistics.parts)
    report.facts = facts(store.header, bytes: statistics.fileBytes)
    return report
  }

  private static func lengthColumns(_ lengths: [Int]) -> [StoreReport.Column] {
    var counts = [Int](repeating: 0, count: 64)
    for length in lengths { counts[63 - max(length, 1).leadingZeroBitCount] += 1 }
    guard let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    else { return [] }
    return (first...last).map { step in
      .init(
        from: Double(step), to: Double(step + 1), height: Double(counts[step]),
        label: "\(Quantity.grouped(1 << step)) to \(Quantity.grouped(2 << step - 1)) tokens: "
          + "\(Quantity.grouped(counts[step])) documents")
    }
  }

  /// At most sixty columns of equal width.
  private static func columns(_ histogram: CountHistogram, unit: String) -> [StoreReport.Column] {
    let (low, high) = (histogram.smallest, histogram.largest)
    let width = max(1, (high - low + 60) / 60)
    return stride(from: low, through: high, by: width).map { start in
      let end = min(start + width, high + 1)
      let count = histogram.counts.isEmpty ? 0 : histogram.counts[start..<end].reduce(0, +)
      let range = width == 1 ? "\(start)" : "\(start) to \(end - 1)"
      return .init(
        from: Double(start) - 0.5, to: Double(start + width) - 0.5, height: Double(count),
        label: "\(range) \(unit): \(Quantity.grouped(count)) sets")
    }
  }

  private static func parts(_ parts: [StorePartSize]) -> [StoreReport.Part] {
    let whole = parts.reduce(0) { $0 + $1.bytes }
    return parts.map { part in
      .init(
        name: part.words, size: Double(part.bytes),
        label: Quantity.scaled(Double(part.bytes), unit: "bytes") + " · "
          + percent(part.bytes, of: whole))
    }
  }

  private static func percent(_ part: Int, of whole: Int) -> String {
    Quantity.fixed(100 * Double(part) / Double(max(whole, 1)), places: 1) + " %"
  }

  private static func facts(_ header: StoreHeader, bytes: Int) -> [Fact] {
    let provenance = header.provenance
    var facts = [
      Fact("Size", Quantity.scaled(Double(bytes), unit: "bytes")),
      Fact("Vocabulary", Quantity.grouped(header.vocabularySize)),
      Fact("Records per block", Quantity.grouped(header.recordsPerBlock)),
    ]
    if header.kind == .samples {
      facts += [
        Fact("Encoding", header.hasDictionary ? "packed" : "plain"),
        Fact("Values", header.values.rawValue),
        Fact("Teacher", provenance.teacher),
        Fact("Sampler", provenance.drawing),
        Fact("Context", "\(Quantity.grouped(provenance.contextLength)) tokens"),
      ]
    }
    if !provenance.software.isEmpty { facts.append(Fact("Software", provenance.software)) }
    if provenance.created > 0 { facts.append(Fact("Created", Timestamp.text(provenance.created))) }
    let notes = provenance.notes.sorted { $0.key < $1.key }
    return facts + notes.map { Fact($0.key, $0.value) }
  }
}

extension String {
  /// Without spaces at the end.
  fileprivate var trimmed: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}

extension StorePartSize {
  /// `LZ4 columns`.
  package var words: String {
    name == "lz4_columns" ? "LZ4 columns" : String(name.map { $0 == "_" ? " " : $0 })
  }
}

extension NumberSummary {
  /// `mean 0.84, 0.31 to 0.999`.
  package var words: String {
    "mean \(Quantity.decimal(mean)), \(Quantity.decimal(least)) to " + Quantity.decimal(most)
  }
}
