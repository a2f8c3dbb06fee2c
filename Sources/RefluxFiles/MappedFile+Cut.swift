internal import CMapGuard

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What became of the file since it was mapped.
extension MappedFile {
  /// Whether a page was touched that the file does not have any more. From then on the missing
  /// bytes read as zero; see `checkWhole`.
  public var isCut: Bool { intactCount < count }

  /// The bytes before the first page that was found missing.
  private var intactCount: Int {
    guard let watch = unsafe watch else { return count }
    return unsafe min(Int(cmapguard_intact(watch)), count)
  }

  /// Checks that the path leads to the file that was mapped, as it was then.
  ///
  /// - Throws: `gone` where there is none, `cut` where it is shorter, `changed` where it is another
  ///   one or was written to.
  /// - Complexity: one system call; no allocation.
  public func checkUnchanged() throws(FileError) {
    guard let status = path.status() else { throw .gone }
    guard status.identity == identity else { throw .changed }
    if Int(status.st_size) < count { throw .cut }
    guard Int(status.st_size) == count, status.modified == modified else { throw .changed }
  }

  /// Checks that bytes that were read so far are not zeros that the file does not hold.
  ///
  /// Ask after copying and before trusting, or where a checksum failed, to say why. The size is
  /// that of the file under the path, as long as it is still the mapped one; a file that was
  /// renamed or removed cannot be asked, and its last page is left to checksums: a descriptor for
  /// each would pass the limit of open files with a store of a thousand shards. Bytes that were
  /// overwritten are not noticed, nor is a file that was cut and has grown again.
  ///
  /// - Throws: `cut`, or `failed` with operation `read` where the file has its size and the medium
  ///   cannot read it.
  /// - Complexity: one system call.
  public func checkWhole() throws(FileError) {
    try checkWhole { descriptor, offset in
      var byte: UInt8 = 0
      let count = unsafe pread(descriptor, &byte, 1, off_t(offset))
      return count < 0 ? -Int(errno) : count
    }
  }

  /// - Parameter read: reads a byte at an offset; returns a negative `errno` on failure.
  package func checkWhole(
    reading read: (_ descriptor: Int32, _ offset: Int) -> Int
  ) throws(FileError) {
    let intact = intactCount
    guard let status = path.status(), status.identity == identity else {
      if intact < count { throw .cut }
      return
    }
    if Int(status.st_size) < count { throw .cut }
    if intact < count {
      // The size is in order, so either the file has grown again or the page cannot be read.
      let file = try InputFile(at: path)
      let descriptor = file.handle.descriptor
      _ = try FileHandle.retry(.read) { read(descriptor, intact) }
      throw .cut
    }
  }
}
