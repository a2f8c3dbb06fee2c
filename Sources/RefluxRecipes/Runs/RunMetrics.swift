internal import RefluxBytes
internal import RefluxFiles
public import RefluxJSON
public import RefluxReport
internal import RefluxTraining

/// What a run of training has logged so far.
public struct RunMetrics: Sendable {
  /// The folder or file that was named.
  public let path: String
  /// What the run is called: its folder's name until ``RunComparison`` tells it from others.
  public var name: String
  /// What the run was told; nil where its folder does not say.
  public private(set) var settings: JSONObject?
  private(set) var lines: [Line] = []
  private(set) var bins: [ReliabilityDiagram.Bin] = []

  /// The figures of one logged step; NaN stands for what it has not.
  struct Line: Sendable {
    var step = 0
    var tokens = 0
    var loss = Double.nan
    var rate = Double.nan
    var wait = Double.nan
    var learningRate = Double.nan
    var gradientNorm = Double.nan
    var seconds = Double.nan
    var heldOutLoss = Double.nan
    var ecePercent = Double.nan
  }

  /// Reads a run's folder, or its `metrics.jsonl`.
  ///
  /// A last line without an end is left out: the run may be writing it.
  ///
  /// - Throws: `file`; `metricsLine` for a line that is no row, or longer than any; `emptyFile`
  ///   where no row is there.
  /// - Complexity: 80 bytes of memory per row.
  public init(path: String) throws(RecipeError) {
    self.path = path
    let isFolder = FileSystem.isFolder(path: path)
    let file = isFolder ? path + "/" + RunLog.metricsName : path
    let folder = isFolder ? path : FileSystem.folder(of: path)
    name = FileSystem.name(of: folder)
    settings = RunFolder.settings(in: folder)
    let mapped: MappedFile
    do { mapped = try MappedFile(path: file, isText: true) } catch {
      throw .file(path: file, error)
    }
    try read(mapped.bytes, file)
    do { try mapped.checkWhole() } catch { throw .file(path: file, error) }
    if lines.isEmpty {
      throw .emptyFile(path: file, expected: "the rows of a run that training has logged")
    }
  }

  private mutating func read(_ bytes: RawSpan, _ file: String) throws(RecipeError) {
    var (start, end) = (0, 0)
    while end < bytes.byteCount {
      guard end - start <= MetricsRow.byteLimit else {
        throw .metricsLine(path: file, line: lines.count + 1)
      }
      end += 1
      guard bytes.byte(at: end - 1) == UInt8(ascii: "\n") else { continue }
      let line = [UInt8](bytes.extracting(start..<end))
      guard let row = (try? JSONValue(parsing: line))?.objectValue, let found = Line(row)
      else { throw .metricsLine(path: file, line: lines.count + 1) }
      lines.append(found)
      if let last = row["held_out_calibration"]?.arrayValue { bins = last.compactMap(Self.bin) }
      start = end
    }
  }

  private static func bin(_ value: JSONValue) -> ReliabilityDiagram.Bin? {
    guard let bin = value.objectValue, let count = bin["count"]?.doubleValue,
      let confidence = bin["confidence"]?.doubleValue, let accuracy = bin["accuracy"]?.doubleValue
    else { return nil }
    return .init(confidence: confidence, accuracy: accuracy, weight: count)
  }
}

extension RunMetrics.Line {
  /// Nil for an object without step and tokens.
  fileprivate init?(_ row: JSONObject) {
    guard let step = row["step"]?.integerValue, let tokens = row["tokens"]?.integerValue,
      step > 0, tokens > 0
    else { return nil }
    let number = { (key: String) in row[key]?.doubleValue ?? .nan }
    self.init(
      step: step, tokens: tokens, loss: number("loss"), rate: number("tokens_per_second"),
      wait: number("data_wait_percent"), learningRate: number("learning_rate"),
      gradientNorm: number("gradient_norm"), seconds: number("seconds"),
      heldOutLoss: number("held_out_loss"), ecePercent: number("held_out_ece_percent"))
  }
}

extension RunMetrics {
  /// The run's row of the table.
  ///
  /// Rate and data wait are means over the steps: all tokens by all seconds.
  public var row: RunRow {
    let last = lines[lines.count - 1]
    let heldOut = lines.filter { $0.heldOutLoss.isFinite }
    var (seconds, waited, tokens, before) = (0.0, 0.0, 0.0, 0)
    for line in lines {
      let size = Double(line.tokens - before)
      before = line.tokens
      guard line.rate > 0, line.wait.isFinite else { continue }
      seconds += size / line.rate
      waited += size / line.rate * line.wait
      tokens += size
    }
    return RunRow(
      name: name, steps: last.step, tokens: last.tokens, loss: last.loss,
      heldOutLoss: heldOut.last?.heldOutLoss, bestHeldOutLoss: heldOut.map(\.heldOutLoss).min(),
      ecePercent: heldOut.last?.ecePercent, tokensPerSecond: tokens / seconds,
      dataWaitPercent: waited / seconds, seconds: last.seconds)
  }

  /// A figure over the tokens; where it is missing there is no point.
  func curve(_ figure: KeyPath<Line, Double>) -> LossCurve {
    LossCurve(
      name: name,
      points: lines.compactMap { line in
        let value = line[keyPath: figure]
        return value.isFinite ? .init(tokens: line.tokens, loss: value) : nil
      })
  }

  /// The reliability diagram of the last evaluation, if there was one.
  var diagram: ReliabilityDiagram? {
    bins.isEmpty
      ? nil : ReliabilityDiagram(name: name, bins: bins, ecePercent: row.ecePercent)
  }
}
