import RefluxBytes
import RefluxCapture
import RefluxFiles
import RefluxJSON
import RefluxKernels
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxRecipes
import RefluxSampling
import RefluxSettings
import RefluxStorage
import RefluxTraining

/// The steps of `cache`.
struct CacheRun: ComputeBody {
  let settings: CacheSettings
  let verb: CacheVerb

  /// Passes what is written through the gate.
  func checkOutput() throws(Failure) {
    let inputs = [settings.teacher, settings.logits, settings.tokens]
    try verb.replacing.gate(reading: inputs + [verb.options.path]).admit(
      settings.output, as: .samples)
    // The settings may be read from where they are written.
    try verb.replacing.gate(reading: inputs).admit(settingsPath, as: .runFile)
  }

  /// The settings lie beside the store, which is one file and has no room for them.
  private var settingsPath: String { settings.output + "." + RunFolder.settingsName }

  private func keepSettings(_ context: Int) throws(Failure) {
    var resolved = settings
    resolved.context = context
    if settings.teacher != nil { resolved.compute.precision = settings.compute.format }
    try at(settingsPath) {
      try RunFolder.keep(resolved, at: settingsPath, software: Reflux.software)
    }
  }

  /// With a teacher.
  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    guard let folder = settings.teacher else { return }
    let tokens = try ModelInputs.tokens(settings.tokens)
    let sizes = try ModelInputs.configuration(folder)
    try ModelInputs.requireOneTokenizer([
      TokenizerClaim(tokens: tokens, name: settings.tokens), ModelInputs.tokenizerClaim(folder),
    ])
    let context = ModelInputs.window(settings.context, sizes: sizes)
    let configuration = try configuration(folder, context: context, tokens: tokens)
    let need = try at(folder) {
      try Capture.memory(
        configuration, teacher: try ModelInputs.sizes(folder, window: context), operands: element,
        workers: workers)
    }
    try MemoryCheck(threads: workers.count).require(
      need, for: "the capture", at: folder, advice: "lower --context, --rounds or --threads")
    let teacher: Decoder<Element> = try ModelInputs.decoder(folder, window: context, workers)
    if !verb.showing.quiet { Console.note("cache: " + windows(context, of: sizes)) }
    let capture = try at(folder) {
      try Capture(configuration, teacher: teacher, tokens: tokens)
    }
    ModelInputs.notePadding(
      folder, ids: teacher.configuration.vocabularySize, other: tokens.vocabularySize)
    try run(capture, configuration, tokens, source: folder, windows: max(4, workers.count))
  }

  /// With logits that were made elsewhere.
  func run(_ file: String, _ workers: Workers) throws {
    let tokens = try ModelInputs.tokens(settings.tokens)
    var configuration = try configuration(
      FileSystem.name(of: file), context: settings.context ?? 1, tokens: tokens)
    // Groups of about as many tokens as with a teacher.
    configuration.batch = max(4096 / configuration.context, 1)
    let capture = try at(file) {
      let logits = try LogitsFile(path: file, tensor: settings.tensor)
      if !logits.knowsSum && !verb.showing.quiet {
        Console.note(
          "reflux: \(file): has no 'logsumexp': the probabilities of each row are made to add up to"
            + " 1, which is more than they have")
      }
      return try Capture(configuration, logits: logits, tokens: tokens, workers: workers)
    }
    try run(
      capture, configuration, tokens, source: file, windows: configuration.batch)
  }

  private func run(
    _ capture: Capture, _ configuration: CaptureConfiguration, _ tokens: TokenStore,
    source: String, windows: Int
  ) throws {
    let forecast = CacheForecast(
      configuration, vocabularySize: tokens.vocabularySize, records: capture.range.count)
    if let facts = try finished(capture) { return try facts.print(json: verb.printing.json) }
    if verb.dryRun || !verb.showing.quiet {
      let trial = try trial(of: capture, source, windows)
      if verb.dryRun { return try forecast.facts(trial).print(json: verb.printing.json) }
      Console.note("cache: " + forecast.expectation(trial))
    }
    try keepSettings(configuration.context)
    let watch = CacheWatch(isQuiet: verb.showing.quiet)
    let report: CaptureReport
    do {
      report = try capture.run(
        to: settings.output, replaces: verb.replacing.force, progress: watch.update)
    } catch StoreError.shard(let path, let error) {
      throw Failure(error, at: path)
    } catch {
      throw Failure(error, at: isAboutSource(error) ? source : settings.output)
    }
    watch.finish()
    if !report.finished {
      throw Failure.interrupted(
        path: settings.output,
        "what was written is kept; run the same command again to go on")
    }
    try facts(report).print(json: verb.printing.json)
  }

  /// What the teacher sees of a text at once, and how to let it see more.
  private func windows(_ context: Int, of sizes: DecoderConfiguration) -> String {
    let text = "windows of \(Quantity.grouped(context)) tokens"
    if settings.context != nil || context >= sizes.positions { return text }
    return text + "; the teacher takes up to \(Quantity.grouped(sizes.positions)): --context N"
  }

  private func trial(
    of capture: Capture, _ source: String, _ windows: Int
  ) throws(Failure) -> CaptureTrial {
    let trial = try at(source) {
      try capture.trial(windows: windows) { Interruption.isRequested }
    }
    if let trial, !Interruption.isRequested { return trial }
    throw Failure.interrupted(
      path: source, "nothing was written; run the same command again")
  }

  /// What there is to say where the store is there already and complete; nil where it is not.
  private func finished(_ capture: Capture) throws(Failure) -> Facts? {
    if verb.replacing.force || verb.dryRun { return nil }
    let found = try at(settings.output) { try capture.finished(at: settings.output) }
    guard let found else { return nil }
    Console.note(
      "reflux: \(settings.output): complete, made with the same settings; nothing to do")
    return facts(found)
  }

  /// Whether an error is about what is read, not about what is written.
  private func isAboutSource(_ error: any Error) -> Bool {
    switch error {
    case CaptureError.foreignRow, CaptureError.file, CaptureError.interchange: true
    default: false
    }
  }

  private func configuration(
    _ source: String, context: Int, tokens: TokenStore
  ) throws(Failure) -> CaptureConfiguration {
    var result = CaptureConfiguration(
      sampler: settings.sampler, context: context, teacher: source)
    result.range = try settings.range.map { range throws(Failure) in
      let range = try range.resolve(count: tokens.count, path: settings.tokens)
      if !range.isEmpty { return range }
      throw Failure(path: settings.tokens, "the range \(range) is empty", exitCode: .usage)
    }
    result.part = settings.part?.part
    result.packing = settings.packing
    result.encoding = settings.encoding
    result.level = settings.level
    result.weights = settings.weights ?? .float32
    result.extras = settings.record?.elements ?? []
    result.software = Reflux.software
    result.created = Timestamp.now
    result.notes = Dictionary(uniqueKeysWithValues: settings.notes.map { ($0.key, $0.value) })
    return result
  }

  private func facts(_ report: CaptureReport) -> Facts {
    var facts = Facts()
    facts.add("output", .string(settings.output))
    facts.add("records", .integer(report.records))
    facts.add("unique_ids_per_record", .number(report.uniqueIDsPerRecord ?? .nan))
    facts.add("bytes_per_record", .number(report.bytesPerRecord ?? .nan))
    facts.add("tokens_per_second", .number(report.tokensPerSecond.rounded()))
    facts.addHidden("forward_seconds", .number(report.times.forward))
    facts.addHidden("sampling_seconds", .number(report.times.sampling))
    facts.addHidden("storing_seconds", .number(report.times.storing))
    facts.addHidden("store_wait_seconds", .number(report.times.waiting))
    return facts
  }
}
