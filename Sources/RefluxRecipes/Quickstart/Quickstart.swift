internal import RefluxFiles
internal import RefluxMemory
public import RefluxModel
internal import RefluxProfiling
internal import RefluxStorage
internal import RefluxTokens

/// The main job on real text: tokenizer, token stores, teacher, sample stores, four students on the
/// same batches in the same order, evaluation, report.
///
/// Every stage leaves a finished product in the folder, and a stage whose product is there is not
/// run again: an interrupted run goes on where it stopped, training from its last checkpoint.
///
/// Memory: below 1 GiB with the default sizes.
public final class Quickstart {
  let configuration: QuickstartConfiguration
  let folder: QuickstartFolder
  let corpus: TextCorpus
  let observer: StageObserver
  let precision: Precision
  let workers: Workers
  /// What was asked for, kept in the folder as run.json where it is known.
  public var settings: QuickstartSettings?
  /// What asks for it, as the run files say.
  public var software = "reflux"
  private let clock = Stopwatch()
  var facts: [(label: String, value: String)] = []

  /// - Parameters:
  ///   - corpus: the text; exact duplicates of files are left out.
  ///   - folder: made if need be.
  ///   - precision: of all models.
  public init(
    _ configuration: QuickstartConfiguration, corpus: TextCorpus, folder: QuickstartFolder,
    precision: Precision, workers: Workers, observer: StageObserver
  ) {
    self.configuration = configuration
    self.corpus = corpus
    self.folder = folder
    self.precision = precision
    self.workers = workers
    self.observer = observer
  }

  /// Runs what is left to do.
  ///
  /// - Parameter about: facts of machine and date for the report.
  /// - Throws: ``RecipeError``; `interrupted` when the observer asked for it: the same call goes
  ///   on.
  public func run(about: [(label: String, value: String)]) throws -> QuickstartResults {
    let parts = try split()
    try claimFolder(parts)
    let data = try prepareData(parts)
    let teacher = try trainTeacher(data)
    try cache(teacher.decoder, data)
    var models = [teacher.result]
    for method in StudentMethod.all(topK: configuration.topK, rounds: configuration.rounds) {
      models.append(try trainStudent(method, data, teacher.decoder))
    }
    facts.append(contentsOf: about)
    facts.append(("Time of this run", "\(Int(clock.seconds.rounded())) s"))
    return try report(models)
  }

  /// Refuses a folder that holds another run.
  private func claimFolder(_ parts: QuickstartSplit) throws(RecipeError) {
    let identity = configuration.identity(corpus: parts.hash, elementName: precision.rawValue)
    try naming(folder.path) { () throws(FileError) in
      try FileSystem.createDirectory(path: folder.path)
    }
    if FileSystem.exists(path: folder.run) {
      let found = try naming(folder.run) { () throws(FileError) in
        try FileSystem.readFile(path: folder.run, as: .notes)
      }
      if String(decoding: found, as: UTF8.self) != identity {
        throw .otherRun(path: folder.path)
      }
    } else if let found = folder.products.first(where: FileSystem.exists) {
      throw .foreignProduct(path: found)
    }
    try naming(folder.run) { () throws(FileError) in
      try FileSystem.writeFile(path: folder.run, bytes: [UInt8](identity.utf8))
    }
    guard let settings else { return }
    try naming(folder.settings) { () throws(FileError) in
      try RunFolder.keep(settings, at: folder.settings, software: software)
    }
  }

  func checkInterruption() throws(RecipeError) {
    if observer.isInterrupted() { throw .interrupted }
  }
}

/// Runs `body`; a file error leaves with the path it is about.
func naming<Result>(
  _ path: String, _ body: () throws(FileError) -> Result
) throws(RecipeError) -> Result {
  do { return try body() } catch { throw .file(path: path, error) }
}
