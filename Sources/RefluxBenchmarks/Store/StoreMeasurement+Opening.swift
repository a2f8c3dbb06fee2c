internal import Foundation
internal import RefluxBytes
internal import RefluxFiles
internal import RefluxJSON
internal import RefluxStorage

extension StoreMeasurement {
  /// A store of up to `bytes` that is mostly holes.
  func open(_ bytes: Int) throws(BenchmarkError) -> BenchmarkRow {
    observer.note(subject.announcement("open"))
    let (opened, path) = (store, subject.simulatedPath)
    let room = freeBytes / 2
    let simulated = try naming(path) { () throws(StoreError) in
      try SimulatedStore(like: opened.store, bytes: bytes, indexBytes: room)
    }
    try write(simulated, to: path)
    let memory = ResidentMemory()
    _ = try Self.readLast(path)
    let growth = memory.growth
    let far = try harness.measure { () throws(BenchmarkError) in try Self.readLast(path) }
    let (work, limit) = try harness.compare {
      () throws(BenchmarkError) in
      UInt64(try BenchmarkStore(path: path).store.count)
    } limit: {
      () throws(BenchmarkError) in
      try Self.touchEnds(path)
    }
    let figures: JSONObject = [
      "goal_ms": .number(StoreGoals.openMilliseconds), "far_record_ms": .number(1e3 * far.median),
      "memory_bytes": .integer(growth), "goal_memory_bytes": .integer(StoreGoals.openMemoryBytes),
      "simulated_bytes": .integer(simulated.fileBytes), "requested_bytes": .integer(bytes),
      "blocks": .integer(simulated.blocks), "index_bytes": .integer(simulated.indexBytes),
    ]
    return BenchmarkRow(
      bench: "open", parameters: subject.parameters, timing: work, limit: limit, figures: figures)
  }

  /// Opens the store and reads its last record.
  private static func readLast(_ path: String) throws(BenchmarkError) -> UInt64 {
    let opened = try BenchmarkStore(path: path)
    let count = opened.store.count
    return try RowReader(opened, rows: 1).read(count - 1..<count)
  }

  /// What no way of opening can do without: the mapping, its first page and its last one.
  private static func touchEnds(_ path: String) throws(BenchmarkError) -> UInt64 {
    do throws(FileError) {
      let file = try MappedFile(path: path)
      let bytes = file.bytes
      return UInt64(bytes.byte(at: 0)) + UInt64(bytes.byte(at: bytes.byteCount - 1))
    } catch {
      throw .file(path: path, error)
    }
  }

  /// Writes the parts of the store where they belong; what is between them stays a hole.
  private func write(_ simulated: SimulatedStore, to path: String) throws(BenchmarkError) {
    do {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      defer { try? file.close() }
      try simulated.write { offset, bytes in
        try observer.check()
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: bytes)
      }
    } catch let error as BenchmarkError {
      throw error
    } catch {
      throw .simulation(path: path, error.localizedDescription)
    }
  }

  /// Free space below the scratch folder; no limit where the system does not say.
  private var freeBytes: Int {
    let facts = try? FileManager.default.attributesOfFileSystem(forPath: subject.folder)
    return (facts?[.systemFreeSize] as? NSNumber)?.intValue ?? 1 << 60
  }
}
