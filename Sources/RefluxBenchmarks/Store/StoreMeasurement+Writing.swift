internal import RefluxJSON
internal import RefluxStorage

extension StoreMeasurement {
  /// All records from memory to a sealed file.
  func write() throws(BenchmarkError) -> BenchmarkRow {
    observer.note(subject.announcement("write"))
    let (subject, form, probe) = (subject, subject.form, probe)
    probe.decompressAll()
    let (work, limit) = try harness.compare {
      () throws(BenchmarkError) in
      try subject.write(form, to: subject.path)
      return 0
    } limit: {
      (0..<probe.count).reduce(0) { $0 &+ probe.compress($1, level: form.level) }
    }
    let fixed = Double(sets.count * store.fixedRecordBytes) * 1e-6
    let pairs = Double(sets.pairs * 8) * 1e-6
    var figures: JSONObject = [
      "fixed_width_megabytes_per_second": .number(fixed / work.median),
      "pairs_megabytes_per_second": .number(pairs / work.median),
      "goal_megabytes_per_second": .number(StoreGoals.writeMegabytesPerSecond),
      "limit_gigabytes_per_second": .number(Double(probe.rawBytes) / limit.median * 1e-9),
    ]
    figures.members += limitFigures.members
    return BenchmarkRow(
      bench: "write", parameters: subject.parameters, timing: work, tokens: sets.count,
      limit: limit, figures: figures)
  }
}
