internal import RefluxBytes
internal import RefluxFiles
internal import RefluxInterchange
internal import RefluxMemory
internal import RefluxModelFiles
internal import RefluxStorage

/// Logits or log-probabilities that were made elsewhere: a row for each token of a store.
///
/// Dense ones: a `.npy` array or a tensor of a safetensors file, [tokens, vocabulary]. Top-K ones:
/// a safetensors file with `ids` [tokens, K], integers, and `logprobs` or `logits` [tokens, K],
/// beside which `logsumexp` [tokens] tells the sum over the whole vocabulary. Numbers are float16,
/// bfloat16 (safetensors only), float32 or float64. -infinity is no probability, or an empty place
/// of a top-K row.
///
/// The file is mapped: it takes no memory but the pages in use, and may be larger than the memory.
public final class LogitsFile: Sendable {
  /// Rows, one for each token.
  public let rows: Int
  /// Numbers of a row: the vocabulary, or K.
  public let columns: Int
  /// Whether a row has the most probable ids only.
  public var isTopK: Bool { ids != nil }
  /// Whether the numbers are logarithms of probabilities; else of anything in their proportion.
  public let isNormalized: Bool
  /// Whether the sum over the whole vocabulary is known. If not, the probabilities of a top-K row
  /// add up to 1, which is more than they have.
  public var knowsSum: Bool { !isTopK || isNormalized || logSums != nil }
  private let name: String
  private let map: MappedFile
  private let values: FloatArray
  private let ids: SafetensorsTensor?
  private let logSums: FloatArray?

  /// Maps a file and reads its header.
  ///
  /// - Parameter tensor: of a safetensors file the name of the numbers; nil for `logits` or
  ///   `logprobs`, whichever there is.
  /// - Throws: `file`, or `interchange` where the file is neither format, or no such array.
  public init(path: String, tensor: String? = nil) throws(CaptureError) {
    let mapped: MappedFile
    do { mapped = try MappedFile(path: path) } catch { throw .file(error) }
    mapped.expect(.sequential)
    do throws(InterchangeError) {
      let bytes = mapped.bytes
      let content =
        NPYFloats.isArray(bytes)
        ? Content(values: FloatArray(try NPYFloats(parsing: bytes)))
        : try Content(try SafetensorsFile(parsing: bytes), tensor)
      (values, ids, logSums) = (content.values, content.ids, content.logSums)
      isNormalized = content.isNormalized
      (rows, columns) = try Self.sizes(values, ids, logSums)
    } catch { throw .interchange(error) }
    map = mapped
    name = FileSystem.name(of: path)
  }

  /// Which arrays of a file are meant.
  private struct Content {
    var values: FloatArray
    var ids: SafetensorsTensor?
    var logSums: FloatArray?
    var isNormalized = false

    init(values: FloatArray) { self.values = values }

    init(_ file: SafetensorsFile, _ tensor: String?) throws(InterchangeError) {
      let hasBoth = ["logits", "logprobs"].allSatisfy(file.hasTensor(named:))
      if tensor == nil, hasBoth {
        throw .malformed(
          part: "the file", found: "both 'logits' and 'logprobs'",
          expected: "one of them to be named")
      }
      let name = tensor ?? (file.hasTensor(named: "logprobs") ? "logprobs" : "logits")
      values = FloatArray(try file.numbers(named: name))
      if file.hasTensor(named: "ids") { ids = try file.tensor(named: "ids") }
      if file.hasTensor(named: "logsumexp") {
        logSums = FloatArray(try file.numbers(named: "logsumexp"))
      }
      isNormalized = name == "logprobs"
    }
  }

  private static func sizes(
    _ values: FloatArray, _ ids: SafetensorsTensor?, _ logSums: FloatArray?
  ) throws(InterchangeError) -> (Int, Int) {
    guard values.shape.count == 2, values.shape[0] > 0, values.shape[1] > 0 else {
      throw .malformed(
        part: "the shape of \(values.title)", found: "\(values.shape)",
        expected: "[tokens, vocabulary], or [tokens, K] beside 'ids'")
    }
    if let ids, ids.shape != values.shape {
      throw .malformed(
        part: "the shape of 'ids'", found: "\(ids.shape)",
        expected: "\(values.shape), that of \(values.title)")
    }
    if let logSums, logSums.shape != [values.shape[0]] {
      throw .malformed(
        part: "the shape of 'logsumexp'", found: "\(logSums.shape)",
        expected: "\([values.shape[0]])")
    }
    return (values.shape[0], values.shape[1])
  }

  /// Checks that there is a row for every token, and a number for every id where rows are dense,
  /// else for at most as many as there are.
  ///
  /// - Throws: `foreignRows`, `interchange`.
  func check(_ tokens: TokenStore) throws(CaptureError) {
    if rows != tokens.count { throw .foreignRows(found: rows, expected: tokens.count) }
    if isTopK, columns > tokens.vocabularySize {
      throw .interchange(
        .tooLarge(
          part: "the number of ids in a row", found: "\(columns)", limit: tokens.vocabularySize))
    }
    if isTopK { return }
    do { try VocabularyFit.check(tokens, model: columns) } catch { throw .modelFiles(error) }
  }

  /// XXH64 of the file's size, its header and 1,024 pieces of 4 KiB spread over the rest: cheap for
  /// a file of any size, and another for any other run of a teacher.
  var fingerprint: UInt64 {
    let (map, size, piece) = (map, map.count, 4096)
    let bytes = map.bytes
    var hash = XXH64(seed: UInt64(size))
    hash.update(bytes.extracting(0..<min(values.bytes.lowerBound, size)))
    let pieces = min(1024, (size + piece - 1) / piece)
    for index in 0..<pieces {
      let start = pieces == 1 ? 0 : (size - min(piece, size)) / (pieces - 1) * index
      hash.update(bytes.extracting(start..<min(start + piece, size)))
    }
    return hash.digest()
  }

  /// Where the sets come from, for their store's header.
  var notes: [String: String] {
    var notes = ["logits": name, "logits-type": values.type.rawValue.lowercased()]
    notes["logits-kind"] = isTopK ? "top-k" : "dense"
    if !values.name.isEmpty { notes["logits-tensor"] = values.name }
    if !knowsSum { notes["logits-sum"] = "of the top k" }
    return notes
  }

  // MARK: Rows

  /// The numbers of some rows, one after the other.
  func readValues(rows: Range<Int>, into target: View<Float>) {
    let map = map
    values.read(
      rows.lowerBound * columns..<rows.upperBound * columns, from: map.bytes,
      into: target.slice(0, rows.count * columns))
  }

  /// The ids of some rows of a top-K file, as they are.
  func readIDs(rows: Range<Int>) throws(CaptureError) -> [Int] {
    guard let ids else { return [] }
    let map = map
    do {
      return try ids.integers(
        rows.lowerBound * columns..<rows.upperBound * columns, from: map.bytes)
    } catch { throw .interchange(error) }
  }

  func readLogSums(rows: Range<Int>) -> [Float]? {
    let map = map
    return logSums?.numbers(rows, from: map.bytes)
  }

  /// - Throws: `file` where what was read so far may not be what the file holds.
  func checkWhole() throws(CaptureError) {
    do { try map.checkWhole() } catch { throw .file(error) }
  }

  /// Tells the system that these rows are done with.
  func drop(rows: Range<Int>) {
    let width = values.bytes.count / max(self.rows, 1)
    map.drop(
      values.bytes.lowerBound + rows.lowerBound * width..<values.bytes.lowerBound + rows.upperBound
        * width)
  }
}
