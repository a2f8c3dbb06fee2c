internal import RefluxFiles
internal import RefluxJSON
internal import RefluxStorage

/// The measurements of one subject; its store is written when this is made.
struct StoreMeasurement {
  let subject: StoreSubject
  let store: BenchmarkStore
  let probe: PayloadProbe
  let runs: Int
  let observer: BenchmarkObserver
  private let writing: Timing

  var sets: SampleSets { subject.sets }
  var harness: Harness { Harness(runs: runs, observer: observer) }

  /// Writes the store, opens it and touches all of it.
  ///
  /// Throws `tooFewRecords` where it has only one block: no record of it could be read without
  /// the block being decoded already.
  init(
    _ subject: StoreSubject, runs: Int, observer: BenchmarkObserver
  ) throws(BenchmarkError) {
    observer.note(subject.announcement("size"))
    let (sets, form, path) = (subject.sets, subject.form, subject.path)
    writing = try Harness(runs: 1, warmUps: 0, observer: observer).measure {
      () throws(BenchmarkError) in
      try BenchmarkStore.write(sets, form, path: path)
      return 0
    }
    let opened = try BenchmarkStore(path: path)
    guard sets.count > opened.recordsPerBlock else {
      throw .tooFewRecords(
        path: subject.source, found: sets.count, needed: opened.recordsPerBlock + 1)
    }
    probe = try naming(path) { () throws(StoreError) in try PayloadProbe(opened.store) }
    store = opened
    (self.subject, self.runs, self.observer) = (subject, runs, observer)
  }

  /// The file's size beside what the sets need; their entropy is the limit.
  func size() throws(BenchmarkError) -> BenchmarkRow {
    let bytes: Int
    do throws(FileError) { bytes = try FileSystem.size(path: subject.path) } catch {
      throw .file(path: subject.path, error)
    }
    let perRecord = Double(bytes) / Double(sets.count)
    let paper = 3 * sets.pairsPerRecord
    let least = subject.entropy.bitsPerSet / 8
    let figures: JSONObject = [
      "file_bytes": .integer(bytes), "bytes_per_record": .number(perRecord),
      "unique_ids_per_record": .number(sets.pairsPerRecord),
      "bytes_per_unique_id": .number(perRecord / sets.pairsPerRecord),
      "paper_bytes_per_record": .number(paper), "ratio_to_paper": .number(perRecord / paper),
      "goal_ratio_to_paper": .number(StoreGoals.ratioToPaper),
      "entropy_bytes_per_record": .number(least),
      "length_entropy_bytes_per_record": .number(subject.entropy.bitsPerLength / 8),
      "ratio_to_entropy": .number(perRecord / least),
      "goal_ratio_to_entropy": .number(StoreGoals.ratioToEntropy),
      "ratio_to_limit": .number(perRecord / least),
    ]
    return BenchmarkRow(
      bench: "size", parameters: subject.parameters, timing: writing, figures: figures)
  }
}
