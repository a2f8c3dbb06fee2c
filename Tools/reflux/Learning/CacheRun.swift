import RefluxCapture
import RefluxFiles
import RefluxJSON
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxSampling
import RefluxStorage
import RefluxTraining

/// The steps of `cache`.
struct CacheRun: ComputeBody {
  let verb: CacheVerb

  /// With a teacher.
  func run<Element: Scalar>(_ element: Element.Type, _ workers: Workers) throws {
    guard let folder = verb.teacher else { return }
    let tokens = try ModelInputs.tokens(verb.tokens)
    let sizes = try ModelInputs.configuration(folder)
    try ModelInputs.requireOneTokenizer([
      TokenizerClaim(tokens: tokens, name: verb.tokens), ModelInputs.tokenizerClaim(folder),
    ])
    let context = ModelInputs.window(verb.context, sizes: sizes)
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
    let tokens = try ModelInputs.tokens(verb.tokens)
    var configuration = try configuration(
      FileSystem.name(of: file), context: verb.context ?? 1, tokens: tokens)
    // Groups of about as many tokens as with a teacher.
    configuration.batch = max(4096 / configuration.context, 1)
    let capture = try at(file) {
      let logits = try LogitsFile(path: file, tensor: verb.tensor)
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
    let watch = CacheWatch(isQuiet: verb.showing.quiet)
    let report: CaptureReport
    do { report = try capture.run(to: verb.output, progress: watch.update) } catch {
      throw Failure(error, at: isAboutSource(error) ? source : verb.output)
    }
    watch.finish()
    if !report.finished {
      throw Failure.interrupted(
        path: verb.output,
        "what was written is kept; run the same command again to go on")
    }
    try facts(report).print(json: verb.printing.json)
  }

  /// What the teacher sees of a text at once, and how to let it see more.
  private func windows(_ context: Int, of sizes: DecoderConfiguration) -> String {
    let text = "windows of \(Quantity.grouped(context)) tokens"
    if verb.context != nil || context >= sizes.positions { return text }
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
    let found = try at(verb.output) { try capture.finished(at: verb.output) }
    guard let found else { return nil }
    Console.note(
      "reflux: \(verb.output): complete, made with the same settings; nothing to do")
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
      sampler: verb.sampler, context: context, teacher: source)
    result.range = try verb.range.map { range throws(Failure) in
      let range = try range.resolve(count: tokens.count, path: verb.tokens)
      if !range.isEmpty { return range }
      throw Failure(path: verb.tokens, "the range \(range) is empty", exitCode: .usage)
    }
    result.part = verb.part?.part
    result.packing = verb.packing
    result.encoding = verb.encoding
    result.level = verb.level
    result.weights = verb.weights ?? .float32
    result.extras = verb.record?.fields ?? []
    result.software = Reflux.software
    result.created = Timestamp.now
    result.notes = Dictionary(uniqueKeysWithValues: verb.note.map { ($0.key, $0.value) })
    return result
  }

  private func facts(_ report: CaptureReport) -> Facts {
    var facts = Facts()
    facts.add("output", .string(verb.output))
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
