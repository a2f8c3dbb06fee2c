/// What one part of a store's files takes.
public struct StorePartSize: Equatable, Sendable {
  /// The part in lower case with underscores, such as `block_headers`.
  public let name: String
  /// Bytes in all files together.
  public internal(set) var bytes: Int
}

/// The parts of a store's files in the order in which they lie there.
struct PartLedger {
  private(set) var parts: [StorePartSize] = []

  /// Adds to a part; a new one goes to the end.
  mutating func add(_ name: String, _ bytes: Int) {
    if let place = parts.firstIndex(where: { $0.name == name }) {
      parts[place].bytes += bytes
    } else {
      parts.append(StorePartSize(name: name, bytes: bytes))
    }
  }

  /// Adds what stands before the blocks.
  mutating func addHeads(_ store: StoreSet) {
    for shard in store.shards {
      add("header", shard.header.encodedBytes)
      add("dictionary", shard.header.dictionaryBytes)
    }
  }

  /// Adds what stands after the blocks, and leaves out what is empty.
  mutating func addTails(_ store: StoreSet) {
    for shard in store.shards {
      add("index", shard.trailer.indexBytes)
      add("trailer", StoreLimits.trailerBytes)
    }
    parts.removeAll { $0.bytes == 0 }
  }

  /// Adds a block of which `payload` says what is in it.
  mutating func add(_ block: BlockHeader, payload: [(String, Int)]) {
    add("block_headers", StoreLimits.blockHeaderBytes)
    for (name, bytes) in payload { add(name, bytes) }
    add("padding", StoreLimits.aligned(block.storedBytes) - block.storedBytes)
  }
}
