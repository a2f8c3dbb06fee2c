import RefluxFiles

/// A store written anew, with the same content.
public enum StoreRecompression {
  /// Writes the store at `path` to `output` in another encoding or at another level.
  ///
  /// A packed store gets a dictionary from how often each id stands in its own sets, for which the
  /// store is read twice. Blocks stay blocks of the same records, so that their sums of the tokens
  /// stay too; a folder becomes one file.
  ///
  /// - Throws: what reading and writing throws; `damaged` also where the content is not that of the
  ///   fingerprint; `configuration` where it cannot be written as asked; `stopped`. Nothing new is
  ///   under the output's name then.
  /// - Complexity: one pass over the store, two for packed ones; memory of a few blocks and 12
  ///   bytes per id.
  public static func recompress(
    path: String, output: String, _ rewriting: StoreRewriting,
    watch: @escaping StoreRewriting.Watch = { _, _, _ in true }
  ) throws(StoreError) -> StoreSummary {
    var rewriting = rewriting
    rewriting.countsAnew = true
    let source = try StoreSet(path: path)
    return try StoreCopier(source, rewriting, watch: watch).copy(0..<source.count, to: output)
  }
}

extension StoreSet {
  /// Opens the file or folder at `path`, whatever it holds.
  convenience init(path: String) throws(StoreError) {
    if FileSystem.isFolder(path: path) {
      try self.init(path: path, kind: try StoreManifest.kind(folder: path))
    } else {
      try self.init([try StoreFile(path: path, kind: nil)])
    }
  }
}
