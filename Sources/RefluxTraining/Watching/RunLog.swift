internal import Foundation
internal import RefluxBytes
internal import RefluxFiles
internal import RefluxJSON

/// The record of a run on disk: `metrics.jsonl`, an object per logged step, and a TensorBoard
/// event file with the same figures.
///
/// Each row is written whole before ``add(_:)`` returns, so a process that is killed leaves every
/// row it logged. A run that resumes from a checkpoint cuts both files after the checkpoint's
/// step first: no row is there twice and none is missing. Repeated steps have records of the same
/// length, so a TensorBoard that was watching reads on where it stood.
public final class RunLog {
  /// The name of the file of rows.
  public static let metricsName = "metrics.jsonl"
  /// The name of the event file; readers look for `tfevents` in it.
  public static let eventsName = "events.out.tfevents.0.reflux"

  /// Seconds of training up to the step the log was opened at.
  public let secondsBefore: Double
  private var metrics: AppendedFile
  private var events: AppendedFile
  private let now: () -> Double

  /// Opens the log of a run that stands at `step`; at step 0 it starts empty.
  ///
  /// - Parameters:
  ///   - folder: where the rows go; it must exist.
  ///   - eventFolder: where the event file goes; it must exist.
  ///   - now: seconds since 1970; nil asks this machine's clock.
  /// - Throws: ``TrainingError/recording(name:_:)``; `inUse` where another run writes there,
  ///   `tooLarge` for a file of an earlier run that no run can have logged.
  public init(
    folder: String, eventFolder: String, step: Int,
    now: (() -> Double)? = nil
  ) throws(TrainingError) {
    let now = now ?? { Date().timeIntervalSince1970 }
    let path = folder + "/" + Self.metricsName
    let kept: (count: Int, seconds: Double) = try naming(Self.metricsName) { () throws(FileError) in
      try Self.whole(path).map { Self.keptRows($0.bytes, through: step) } ?? (0, 0)
    }
    let metrics = try naming(Self.metricsName) { () throws(FileError) in
      try AppendedFile(path: path, keeping: kept.count)
    }
    let events = try naming(Self.eventsName) { () throws(FileError) in
      try Self.events(eventFolder + "/" + Self.eventsName, through: step, now: now())
    }
    self.metrics = metrics
    self.events = events
    self.now = now
    secondsBefore = kept.seconds
  }

  /// Appends a row to both files.
  public func add(_ row: MetricsRow) throws(TrainingError) {
    let line = JSONValue.object(row.json).encoded() + [UInt8(ascii: "\n")]
    try naming(Self.metricsName) { () throws(FileError) in try metrics.write(line.rawSpan) }
    let scalars = row.figures.compactMap { figure in
      figure.tag.flatMap { tag in figure.value.doubleValue.map { (tag: tag, value: Float($0)) } }
    }
    let record = EventRecord.scalars(scalars, step: row.report.step, wallTime: now())
    try naming(Self.eventsName) { () throws(FileError) in try events.write(record.rawSpan) }
  }

  /// Makes all rows so far outlive the system: to be called before a checkpoint takes its place.
  public func sync() throws(TrainingError) {
    try naming(Self.metricsName) { () throws(FileError) in try metrics.sync() }
    try naming(Self.eventsName) { () throws(FileError) in try events.sync() }
  }

  // MARK: What an earlier run left

  /// The event file after its records through `step`, begun where there are none.
  private static func events(
    _ path: String, through step: Int, now: Double
  ) throws(FileError) -> AppendedFile {
    let kept = step == 0 ? 0 : try whole(path).map { EventRecord.kept($0.bytes, through: step) }
    var file = try AppendedFile(path: path, keeping: kept ?? 0)
    if kept ?? 0 == 0 {
      let version = EventRecord.version(wallTime: now)
      try file.write(version.rawSpan)
    }
    return file
  }

  /// The most bytes that are looked through for an earlier run's last row; no run logs as many.
  private static let byteLimit = 1 << 34

  /// A file as memory; nil where there is none.
  private static func whole(_ path: String) throws(FileError) -> MappedFile? {
    do throws(FileError) {
      let file = try MappedFile(path: path, isText: true)
      if file.count > byteLimit { throw .tooLarge(limit: byteLimit) }
      return file
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// The bytes of all lines up to the last whole one of at most `step`, and its seconds.
  ///
  /// From the end on: only what is cut is read.
  private static func keptRows(
    _ file: RawSpan, through step: Int
  ) -> (count: Int, seconds: Double) {
    var end = file.byteCount
    while end > 0 {
      var start = end - 1
      while start > 0, file.byte(at: start - 1) != UInt8(ascii: "\n") { start -= 1 }
      if let seconds = seconds(of: file.extracting(start..<end), through: step) {
        return (end, seconds)
      }
      end = start
    }
    return (0, 0)
  }

  /// The seconds of a line that ends and whose step is at most `step`.
  private static func seconds(of line: RawSpan, through step: Int) -> Double? {
    guard line.byteCount <= MetricsRow.byteLimit,
      line.byte(at: line.byteCount - 1) == UInt8(ascii: "\n"),
      let row = (try? JSONValue(parsing: [UInt8](line)))?.objectValue,
      let found = row["step"]?.integerValue, found <= step
    else { return nil }
    return row["seconds"]?.doubleValue
  }
}

/// Runs `body`; its error names the file it is about.
private func naming<Result: ~Copyable>(
  _ name: String, _ body: () throws(FileError) -> Result
) throws(TrainingError) -> Result {
  do throws(FileError) { return try body() } catch {
    throw .recording(name: name, error)
  }
}
