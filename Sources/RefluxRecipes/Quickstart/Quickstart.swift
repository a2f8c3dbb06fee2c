internal import RefluxFiles
internal import RefluxProfiling

/// The main job on real text: tokenizer, token stores, teacher, sample stores, four students on the
/// same batches in the same order, evaluation, report. A composition of ``TokenizeRecipe``,
/// ``TrainRecipe``, ``CacheRecipe`` and ``EvaluateRecipe``.
///
/// Every stage leaves a finished product in the folder, and a stage whose product is there is not
/// run again: an interrupted run resumes where it stopped, training from its last checkpoint.
///
/// Memory: below 1 GiB with the default sizes.
public final class Quickstart {
  let configuration: QuickstartConfiguration
  let folder: QuickstartFolder
  let corpus: TextCorpus
  let observer: StageObserver
  let compute: ComputeSettings
  /// What was asked for, kept in the folder as run.json where it is known.
  public var settings: QuickstartSettings?
  /// What asks for it, as the run files say.
  public var software = "reflux"
  private let clock = Stopwatch()
  var facts: [(label: String, value: String)] = []

  /// - Parameters:
  ///   - corpus: the text; exact duplicates of files are left out.
  ///   - folder: made if need be.
  ///   - compute: its format is part of what the run is.
  public init(
    _ configuration: QuickstartConfiguration, corpus: TextCorpus, folder: QuickstartFolder,
    compute: ComputeSettings = ComputeSettings(), observer: StageObserver = .silent
  ) {
    self.configuration = configuration
    self.corpus = corpus
    self.folder = folder
    self.compute = compute
    self.observer = observer
  }

  /// Runs what is left to do.
  ///
  /// - Parameter about: facts of machine and date for the report.
  /// - Throws: ``RecipeError``; `interrupted` when the observer asked for it: the same call goes
  ///   on.
  public func run(about: [(label: String, value: String)]) throws -> QuickstartResults {
    try compute.check()
    let parts = try split()
    try claimFolder(parts)
    let data = try prepareData(parts)
    let teacher = try trainTeacher(data)
    try cache()
    var models = [teacher]
    for method in StudentMethod.all(topK: configuration.topK, rounds: configuration.rounds) {
      models.append(try trainStudent(method, data))
    }
    facts.append(contentsOf: about)
    facts.append(("Time of this run", "\(Int(clock.seconds.rounded())) s"))
    return try report(models)
  }

  /// Refuses a folder that holds another run.
  private func claimFolder(_ parts: QuickstartSplit) throws(RecipeError) {
    let identity = configuration.identity(corpus: parts.hash, precision: compute.format)
    try naming(folder.path) {
      try FileSystem.createDirectory(path: folder.path)
    }
    if FileSystem.exists(path: folder.run) {
      let found = try naming(folder.run) {
        try FileSystem.readFile(path: folder.run, as: .notes)
      }
      if String(decoding: found, as: UTF8.self) != identity {
        throw .otherRun(path: folder.path)
      }
    } else if let found = folder.products.first(where: FileSystem.exists) {
      throw .foreignProduct(path: found)
    }
    try naming(folder.run) {
      try FileSystem.writeFile(path: folder.run, bytes: [UInt8](identity.utf8))
    }
    guard let settings else { return }
    try naming(folder.settings) {
      try RunFolder.keep(settings, at: folder.settings, software: software)
    }
  }
}
