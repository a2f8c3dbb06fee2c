internal import RefluxBytes
public import RefluxEvaluation
internal import RefluxFiles
internal import RefluxInterchange

/// Images in, a pool of mixed images out.
///
/// Beside the pool stand the image that each took its box from (`.partners.npy`, uint32 [runs, n])
/// and the boxes (`.boxes.npy`, uint32 [runs, 4]: left, top, right, bottom).
public struct CutMixRecipe: Sendable {
  /// A run of the pool.
  public struct Run: Equatable, Sendable {
    /// What was drawn.
    public var mix: CutMix
    /// lambda': the share of each image that is its own.
    public var keptShare: Double
  }

  /// Images, [n, channels, rows, columns].
  public var images: String
  /// Pools of n images after each other.
  public var runs: Int
  /// The seed of boxes and partners.
  public var seed: UInt64
  /// Where the pool goes, [runs n, channels, rows, columns] in the images' number format.
  public var output: String

  /// Nothing is opened before the recipe runs.
  public init(images: String, runs: Int, seed: UInt64, output: String) {
    (self.images, self.runs, self.seed, self.output) = (images, runs, seed, output)
  }

  /// Where the partners go.
  public var partners: String { stem + ".partners.npy" }
  /// Where the boxes go.
  public var boxes: String { stem + ".boxes.npy" }

  private var stem: String {
    output.hasSuffix(".npy") ? String(output.dropLast(4)) : output
  }

  /// Mixes.
  ///
  /// - Parameter observer: hears of images.
  /// - Returns: the runs.
  /// - Throws: `file`, `emptyFile`, `foreign`, `selection`, `interrupted`; nothing new is then
  ///   under the output's name.
  /// - Complexity: runs passes over the images; two images in memory, and 8 bytes for a partner.
  public func run(_ observer: RunObserver = RunObserver()) throws(RecipeError) -> [Run] {
    let rows = try NumberRows(path: images, named: "images", axes: 3)
    guard rows.shape.count == 4 else {
      throw .foreign(
        path: images,
        .malformed(
          part: "the shape", found: "\(rows.shape)", expected: "[images, channels, rows, columns]"))
    }
    guard let type = rows.type else { throw .selection(path: images, .noArray) }
    if rows.count < 2 { throw .selection(path: images, .oneImage) }
    guard type != .bf16 else {
      throw .foreign(
        path: images,
        .unsupported(part: "the number format", found: "BF16", supported: "F16, F32, F64"))
    }
    let mixes = (0..<runs).map { run in
      CutMix(
        count: rows.count, height: rows.shape[2], width: rows.shape[3], seed: seed, run: run)
    }
    let header = NPYFloats.header(
      shape: [runs * rows.count] + rows.shape.dropFirst(), type: type)
    try write(to: output) { file throws(RecipeError) in
      try append(header, to: &file, output)
      for mix in mixes { try write(mix, of: rows, width: type.bitWidth / 8, to: &file, observer) }
      try rows.checkWhole()
    }
    try write(mixes.map(\.partners), width: rows.count, to: partners)
    try write(
      mixes.map { [$0.box.left, $0.box.top, $0.box.right, $0.box.bottom] }, width: 4, to: boxes)
    return mixes.map {
      Run(mix: $0, keptShare: $0.box.keptShare(height: rows.shape[2], width: rows.shape[3]))
    }
  }

  /// All images of a run; a pixel is as many bytes.
  private func write(
    _ mix: CutMix, of rows: NumberRows, width: Int, to file: inout AtomicFile,
    _ observer: RunObserver
  ) throws(RecipeError) {
    var box = mix.box
    (box.left, box.right) = (box.left * width, box.right * width)
    for (number, partner) in mix.partners.enumerated() {
      if observer.isInterrupted() { throw .interrupted }
      var image = rows.bytes(ofRow: number)
      CutMix.mix(
        &image, with: rows.bytes(ofRow: partner), box: box, height: rows.shape[2],
        width: rows.shape[3] * width)
      try append(image, to: &file, output)
      observer.advanced(1)
    }
  }

  // MARK: Files

  private func write(_ numbers: [[Int]], width: Int, to path: String) throws(RecipeError) {
    try write(to: path) { file throws(RecipeError) in
      let header = NPYArray.header(shape: [numbers.count, width], elementType: .uint32)
      try append(header, to: &file, path)
      for row in numbers {
        var writer = ByteWriter(capacity: 4 * row.count)
        for number in row { writer.write(UInt32(number)) }
        try append(writer.bytes, to: &file, path)
      }
    }
  }

  /// A file that appears whole or not at all.
  private func write(
    to path: String, _ body: (inout AtomicFile) throws(RecipeError) -> Void
  ) throws(RecipeError) {
    var file: AtomicFile
    do { file = try AtomicFile(path: path) } catch { throw .file(path: path, error) }
    do throws(RecipeError) { try body(&file) } catch {
      try? file.discard()
      throw error
    }
    do { try file.commit() } catch { throw .file(path: path, error) }
  }

  private func append(
    _ bytes: [UInt8], to file: inout AtomicFile, _ path: String
  ) throws(RecipeError) {
    do { try unsafe file.write(bytes.span.bytes) } catch { throw .file(path: path, error) }
  }
}
