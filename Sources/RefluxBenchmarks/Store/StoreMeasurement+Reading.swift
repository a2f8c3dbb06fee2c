internal import RefluxJSON
internal import RefluxRandom
internal import RefluxStorage

extension StoreMeasurement {
  /// Rows of one call in `decode`: a batch of a few windows.
  private static let rowsPerCall = 1024
  /// Single records of one run in `random`, at most.
  private static let randomRecords = 4096

  /// Every record in order.
  func decode() throws(BenchmarkError) -> BenchmarkRow {
    observer.note(subject.announcement("decode"))
    let (count, probe) = (sets.count, probe)
    let reader = RowReader(store, rows: min(Self.rowsPerCall, count))
    let (work, limit) = try harness.compare {
      () throws(BenchmarkError) in
      var sum: UInt64 = 0
      for start in stride(from: 0, to: count, by: Self.rowsPerCall) {
        sum &+= try reader.read(start..<min(start + Self.rowsPerCall, count))
      }
      return sum
    } limit: {
      (0..<probe.count).reduce(0) { $0 &+ probe.decompress($1) }
    }
    var figures: JSONObject = [
      "goal_tokens_per_second": .number(StoreGoals.decodedTokensPerSecond(subject.form)),
      "limit_gigabytes_per_second": .number(Double(probe.rawBytes) / limit.median * 1e-9),
    ]
    figures.members += limitFigures.members
    return BenchmarkRow(
      bench: "decode", parameters: subject.parameters, timing: work, tokens: count, limit: limit,
      figures: figures)
  }

  /// Single records, each in another block than the one before it.
  func random() throws(BenchmarkError) -> BenchmarkRow {
    observer.note(subject.announcement("random"))
    let (records, perBlock, probe) = (scattered(), store.recordsPerBlock, probe)
    let reader = RowReader(store, rows: 1)
    let (work, limit) = try harness.compare {
      () throws(BenchmarkError) in
      var sum: UInt64 = 0
      for record in records { sum &+= try reader.read(record..<record + 1) }
      return sum
    } limit: {
      records.reduce(0) { $0 &+ probe.decompress($1 / perBlock) }
    }
    var figures: JSONObject = [
      "reads": .integer(records.count),
      "goal_tokens_per_second": .number(StoreGoals.randomTokensPerSecond),
    ]
    figures.members += limitFigures.members
    return BenchmarkRow(
      bench: "random", parameters: subject.parameters, timing: work, tokens: records.count,
      limit: limit, figures: figures)
  }

  /// Records in random order, without those whose block is that of the one before.
  private func scattered() -> [Int] {
    let order = Permutation(count: sets.count, seed: 0)
    var records: [Int] = []
    var block = -1
    for place in 0..<sets.count where records.count < Self.randomRecords {
      let record = order[place]
      if record / store.recordsPerBlock == block { continue }
      block = record / store.recordsPerBlock
      records.append(record)
    }
    return records
  }
}
