import RefluxBytes
import RefluxJSON
import RefluxRecipes
import RefluxStorage
import RefluxTargets

/// The figures as facts.
extension StoreStatistics {
  /// What people and scripts read.
  var facts: Facts {
    switch self {
    case .samples(let statistics, _): Self.facts(statistics)
    case .tokens(let statistics, _): Self.facts(statistics)
    }
  }

  private static func facts(_ statistics: SampleStatistics) -> Facts {
    var facts = Facts()
    facts.add("kind", .string("samples"))
    facts.add("records", .integer(statistics.records))
    let ids = statistics.uniqueIDs
    facts.add("unique_ids_per_record", .number(ids.mean))
    facts.add("unique_ids_p50", .integer(ids.quantile(0.5)), label: "median of unique ids")
    facts.add("unique_ids_p99", .integer(ids.quantile(0.99)), label: "99 % have at most")
    facts.add("unique_ids_max", .integer(ids.largest), label: "most unique ids")
    facts.addHidden(
      "unique_ids_histogram",
      .array(
        ids.counts.enumerated().filter { $0.element > 0 }.map {
          .object(["ids": .integer($0.offset), "records": .integer($0.element)])
        }))
    if let mass = statistics.mass {
      facts.add("mass", .object(object(mass)), text: mass.words)
      facts.addHidden("mass_histogram", .integers(statistics.massSteps))
    }
    for (field, numbers) in statistics.fields where field != .mass {
      facts.add(field.rawValue, .object(object(numbers)), text: numbers.words)
    }
    addLabels(statistics, to: &facts)
    addSizes(
      statistics.parts, file: statistics.fileBytes, record: statistics.bytesPerRecord,
      uniqueID: statistics.bytesPerUniqueID, to: &facts)
    return facts
  }

  private static func addLabels(_ statistics: SampleStatistics, to facts: inout Facts) {
    if statistics.labels == 0 { return }
    let share = Double(statistics.labelsInSupport) / Double(statistics.labels)
    facts.add("labels", .integer(statistics.labels), label: "next tokens")
    facts.add(
      "label_in_support_percent", .number(100 * share), label: "in the set",
      text: Quantity.fixed(100 * share, places: 1) + " %")
    facts.add("label_share_mean", .number(statistics.labelShare.mean), label: "their mean share")
  }

  private static func facts(_ statistics: TokenStatistics) -> Facts {
    var facts = Facts()
    facts.add("kind", .string("tokens"))
    facts.add("records", .integer(statistics.records))
    let lengths = statistics.documentLengths
    facts.add("documents", .integer(lengths.count))
    let mean =
      lengths.isEmpty ? 0 : Double(lengths.reduce(0, +)) / Double(lengths.count)
    facts.add("tokens_per_document", .number(mean))
    facts.add("document_tokens_min", .integer(lengths.first ?? 0), label: "shortest document")
    facts.add(
      "document_tokens_p50", .integer(statistics.lengthQuantile(0.5)), label: "median document")
    facts.add(
      "document_tokens_p99", .integer(statistics.lengthQuantile(0.99)), label: "99 % have at most")
    facts.add("document_tokens_max", .integer(lengths.last ?? 0), label: "longest document")
    facts.add("different_ids", .integer(statistics.differentIDs))
    let most = statistics.mostFrequent
    facts.add(
      "most_frequent_ids",
      .array(most.map { .object(["id": .integer($0.id), "count": .integer($0.count)]) }),
      text: most.prefix(10).map { frequency in
        let share = 100 * Double(frequency.count) / Double(statistics.records)
        return "\(frequency.id) (\(Quantity.fixed(share, places: 1)) %)"
      }.joined(separator: ", "))
    addSizes(
      statistics.parts, file: statistics.fileBytes, record: statistics.bytesPerRecord,
      uniqueID: nil, to: &facts)
    return facts
  }

  private static func addSizes(
    _ parts: [StorePartSize], file: Int, record: Double, uniqueID: Double?, to facts: inout Facts
  ) {
    facts.add("file_bytes", .integer(file))
    facts.add("bytes_per_record", .number(record))
    if let uniqueID { facts.add("bytes_per_unique_id", .number(uniqueID)) }
    facts.addHidden(
      "bytes_by_part", .object(JSONObject(parts.map { .init($0.name, .integer($0.bytes)) })))
    for part in parts {
      let percent = Quantity.fixed(100 * Double(part.bytes) / Double(max(file, 1)), places: 1)
      facts.add(
        line: "\(Quantity.grouped(part.bytes)) bytes, \(percent) %", label: "  " + part.words)
    }
  }

  private static func object(_ numbers: NumberSummary) -> JSONObject {
    [
      "mean": .number(numbers.mean), "min": .number(numbers.least), "max": .number(numbers.most),
    ]
  }
}
