import RefluxBytes
import RefluxFiles
import RefluxJSON

/// The list of a folder's shards (SPEC.md, section 9).
public enum StoreManifest {
  /// The manifest's name in its folder.
  public static let fileName = "manifest.json"
  static let format = "reflux-manifest-1"

  /// Opens the shards of a folder in their order.
  static func open(folder: String, kind: RecordKind) throws(StoreError) -> [StoreFile] {
    let object = try read(folder)
    guard object["format"]?.stringValue == format else {
      throw .manifest("its format is not \(format); use a newer reflux")
    }
    guard object["kind"]?.stringValue == "\(kind)" else {
      throw .manifest("it does not describe \(kind); name a store of \(kind)")
    }
    guard let entries = object["shards"]?.arrayValue, !entries.isEmpty else {
      throw .manifestIsStale("it names no shards")
    }
    var shards: [StoreFile] = []
    for entry in entries { shards.append(try open(entry, in: folder, kind, like: shards.last)) }
    try check(shards)
    let totals = StoreSummary(shards)
    guard object["records"]?.integerValue == totals.records,
      object["fingerprint"]?.stringValue == hexadecimal(totals.fingerprint)
    else { throw .manifestIsStale("its totals are not those of its shards") }
    return shards
  }

  /// The kind of store that a folder holds.
  static func kind(folder: String) throws(StoreError) -> RecordKind {
    let object = try read(folder)
    for kind in [RecordKind.tokens, .samples] where object["kind"]?.stringValue == "\(kind)" {
      return kind
    }
    throw .manifest("its kind is neither tokens nor samples")
  }

  /// The names of a folder's shards, as the manifest has them.
  static func shardNames(folder: String) throws(StoreError) -> [String] {
    let entries = try read(folder)["shards"]?.arrayValue ?? []
    if entries.isEmpty { throw .manifest("a shard has no plain file name") }
    var names: [String] = []
    for entry in entries { names.append(try name(of: entry)) }
    return names
  }

  /// The file name of a shard's entry, which must not lead out of the folder.
  private static func name(of entry: JSONValue) throws(StoreError) -> String {
    guard let name = entry.objectValue?["file"]?.stringValue, !name.isEmpty,
      !name.contains("/"), name != "..", name != "."
    else { throw .manifest("a shard has no plain file name") }
    return name
  }

  private static func read(_ folder: String) throws(StoreError) -> JSONObject {
    guard FileSystem.exists(path: folder + "/" + fileName) else {
      throw .noManifest
    }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystem.readFile(path: folder + "/" + fileName, as: .manifest)
    } catch {
      throw .shard(fileName, .file(error))
    }
    do {
      if let object = try JSONValue(parsing: bytes).objectValue { return object }
    } catch {
      throw .manifest("\(error)")
    }
    throw .manifest("it is not a JSON object")
  }

  private static func open(
    _ entry: JSONValue, in folder: String, _ kind: RecordKind, like other: StoreFile?
  ) throws(StoreError) -> StoreFile {
    let name = try name(of: entry)
    let shard: StoreFile
    do throws(StoreError) {
      shard = try StoreFile(path: folder + "/" + name, kind: kind, like: other)
    } catch {
      throw .shard(name, error)
    }
    let facts = entryObject(name, shard)
    for key in ["first", "records", "fingerprint", "file_id"]
    where entry.objectValue?[key] != facts[key] {
      throw .shard(name, .manifestIsStale("its \(key) is not that of the manifest"))
    }
    return shard
  }

  private static func entryObject(_ name: String, _ shard: StoreFile) -> JSONObject {
    [
      "file": .string(name),
      "first": .integer(shard.header.firstPosition),
      "records": .integer(shard.trailer.records),
      "fingerprint": .string(hexadecimal(shard.trailer.fingerprint)),
      "file_id": .string(hexadecimal(shard.header.fileID)),
    ]
  }

  /// Checks that shards are of one store and leave no gap.
  static func check(_ shards: [StoreFile]) throws(StoreError) {
    var position = 0
    for shard in shards {
      guard shard.header.firstPosition == position else {
        throw .manifest(
          "positions \(position) to \(shard.header.firstPosition) are in no shard, or in two")
      }
      position += shard.trailer.records
      try shard.header.checkSameStore(as: shards[0].header)
    }
  }

  /// Joins the sealed shards `names` of `folder`, in any order, into one store.
  ///
  /// - Throws: `shard`, or `manifest` where they leave a gap or are of different stores.
  public static func write(folder: String, names: [String]) throws(StoreError) -> StoreSummary {
    let (bytes, totals) = try made(folder: folder, names: names)
    try wrappingFileError { () throws(FileError) in
      try FileSystem.writeFile(path: folder + "/" + fileName, bytes: bytes)
    }
    return totals
  }

  /// What ``write(folder:names:)`` writes.
  static func made(
    folder: String, names: [String]
  ) throws(StoreError) -> (bytes: [UInt8], totals: StoreSummary) {
    var shards: [(name: String, file: StoreFile)] = []
    for name in names {
      do throws(StoreError) {
        let kind = shards.first?.file.header.kind
        shards.append((name, try StoreFile(path: folder + "/" + name, kind: kind)))
      } catch {
        throw .shard(name, error)
      }
    }
    // An empty shard comes before the one that begins at the same position.
    shards.sort {
      ($0.file.header.firstPosition, $0.file.trailer.records)
        < ($1.file.header.firstPosition, $1.file.trailer.records)
    }
    let files = shards.map(\.file)
    guard let first = files.first else { throw .manifest("there are no shards to join") }
    try check(files)
    let totals = StoreSummary(files)
    let object: JSONObject = [
      "format": .string(format),
      "kind": .string("\(first.header.kind)"),
      "records": .integer(totals.records),
      "fingerprint": .string(hexadecimal(totals.fingerprint)),
      "shards": .array(shards.map { .object(entryObject($0.name, $0.file)) }),
    ]
    return (JSONValue.object(object).encoded(indented: true), totals)
  }
}

extension StoreSummary {
  /// The sums over the shards of one store.
  init(_ shards: [StoreFile]) {
    self.init(
      records: shards.reduce(0) { $0 + $1.trailer.records },
      documents: shards.reduce(0) { $0 + $1.trailer.documents },
      blocks: shards.reduce(0) { $0 + $1.trailer.blocks },
      fileBytes: shards.reduce(0) { $0 + $1.trailer.fileBytes },
      fingerprint: shards.reduce(0) { $0 &+ $1.trailer.fingerprint })
  }
}
