import ArgumentParser
import RefluxFiles
import RefluxJSON
import RefluxStorage

/// Shards in, one store out.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Join shards into one store, or into a folder that is one.",
    discussion: """
      Shards may be named in any order; a folder of shards stands for all that its manifest names. \
      They must be of one store, each where the one before it ends. The result holds the same \
      records and has the same fingerprint, which is checked before it gets its name.

      Where blocks of the result do not coincide with those of the shards, they carry no sum of \
      their tokens, unless --tokens names the tokens.

      With --manifest nothing is copied: the shards, which lie in that folder, become one store by \
      a manifest beside them. Without shards all of the folder's .rfx files are meant.

      EXAMPLES:
        reflux merge a.rfx b.rfx c.rfx --output samples.rfx
        reflux merge shards/ --output samples.rfx --tokens corpus.rfx
        reflux merge --manifest shards/
        reflux merge shards/*.rfx --output shards/manifest.json --json
      """)

  @Argument(help: ArgumentHelp("The shards: files or folders.", valueName: "shard"))
  var shards: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where the store goes, or the manifest.json of the folder of the shards.",
      valueName: "store"))
  var output: String?

  @Option(
    help: ArgumentHelp("Only write the manifest of the shards in this folder.", valueName: "folder")
  )
  var manifest: String?

  @Option(
    help: ArgumentHelp("The token store that sample shards belong to.", valueName: "store"))
  var tokens: String?

  @OptionGroup var rewrite: RewriteOptions
  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if (output == nil) == (manifest == nil) {
      throw ValidationError("Give either --output or --manifest")
    }
    if folder == nil && shards.isEmpty { throw ValidationError("Name the shards to merge") }
    if folder != nil && tokens != nil {
      throw ValidationError("--tokens does not go with a manifest, which changes no block")
    }
  }

  /// The folder of which only the manifest is written.
  private var folder: String? {
    if let manifest { return manifest }
    guard let output, FileSystem.name(of: output) == StoreManifest.fileName else { return nil }
    return FileSystem.folder(of: output)
  }

  func run() throws {
    if let folder { return try writeManifest(folder) }
    guard let output else { return }
    try replacing.gate(reading: shards + [tokens]).admit(output, as: .rewrittenStore)
    let merge = try joining(output) { try StoreMerge(shards) }
    Interruption.finishSafely()
    let options = try rewrite.rewriting(tokens: tokens)
    let progress = RewriteProgress("merge", isQuiet: showing.quiet)
    try joining(output) {
      _ = try merge.write(to: output, options, watch: progress.watch)
    }
    progress.finish()
    if merge.firstPosition > 0 {
      Console.note(
        "reflux: \(output): the result is a shard from position \(merge.firstPosition) on")
    }
    try printStore(at: output, json: printing.json)
  }

  private func writeManifest(_ folder: String) throws {
    if folder.isEmpty { throw Failure(OutputError(folder, .noName)) }
    if !FileSystem.isFolder(path: folder) {
      throw Failure(path: folder, "there is no such folder; name the folder of the shards")
    }
    let named = try shards.isEmpty ? storeFiles(in: folder) : shards
    if named.isEmpty {
      throw Failure(
        path: folder, "there are no .rfx files in the folder; name a folder of shards",
        exitCode: .badData)
    }
    let path = folder + "/" + StoreManifest.fileName
    // The manifest of a folder that is merged is read, and may be made again.
    let files = shards.filter { !FileSystem.isFolder(path: $0) }
    try replacing.gate(reading: files).admit(path, as: .manifest)
    let merge = try joining(path) { try StoreMerge(named) }
    try joining(path) { try refuseOther(than: try merge.manifest(folder: folder), at: path) }
    try joining(path) { _ = try merge.writeManifest(folder: folder) }
    try printStore(at: folder, json: printing.json)
  }

  /// The same manifest may be made again; another one is replaced by `--force` alone.
  private func refuseOther(than manifest: [UInt8], at path: String) throws(Failure) {
    guard !replacing.force, FileSystem.exists(path: path) else { return }
    let found = try at(path) { try FileSystem.readFile(path: path, as: .manifest) }
    if found == manifest { return }
    throw Failure(OutputError(path, .exists(kind: "the manifest of these shards", isOwn: false)))
  }

  private func storeFiles(in folder: String) throws(Failure) -> [String] {
    let names = try at(folder) { try FileSystem.names(in: folder) }
    return names.filter { $0.hasSuffix(".rfx") }.map { folder + "/" + $0 }
  }

  /// Runs a step whose errors about one of the shards name that shard alone.
  private func joining<Result>(
    _ output: String, _ body: () throws -> Result
  ) throws(Failure) -> Result {
    try rewriting(shards.count == 1 ? shards[0] : output, output: output) {
      do {
        return try body()
      } catch StoreError.shard(let path, let error) {
        throw Failure(error, at: path)
      }
    }
  }
}

/// Prints what `inspect` says of a store that was just written, after its path.
func printStore(at path: String, json: Bool) throws(Failure) {
  let store = try at(path) { try StoreInspection(path: path) }
  var facts = Facts()
  facts.add("output", .string(path))
  facts.add(store)
  try facts.print(json: json)
}
