import RefluxBytes
import RefluxFiles
import RefluxJSON
import RefluxRecipes
import RefluxTokens

/// The steps of `tokenize`, each with its progress.
extension Tokenize {
  /// Where a trained tokenizer goes; nil when one was given.
  var trainedPath: String? {
    if trainTokenizer == nil { return nil }
    if let tokenizerOutput { return tokenizerOutput }
    let name = "tokenizer.json"
    return output.contains("/") ? FileSystem.folder(of: output) + "/" + name : name
  }

  func findText() throws(Failure) -> TextCorpus {
    let own = [output, output + AtomicFile.partialSuffix, trainedPath].compactMap { $0 }
    var search = reading.search(excluding: own)
    search.streamFolder = FileSystem.folder(of: output)
    search.isInterrupted = { Interruption.isRequested }
    let corpus = try stoppable(output: output) { () throws(RecipeError) in
      try TextCorpus(paths: inputs, search)
    }
    let found = OutputGate(reading: corpus.files.map(\.path) + inputs)
    try found.admitStandardOutput()
    for note in notes(on: corpus) { Console.note("reflux: " + note) }
    return corpus
  }

  /// What was left out, in words; hidden files only if asked for everything.
  private func notes(on corpus: TextCorpus) -> [String] {
    let groups = corpus.passedOver.groups.filter { group in
      group.reason == .unreadable || !showing.quiet && group.reason != .hidden
    }
    return groups.map { group in
      let names =
        group.paths.joined(separator: ", ") + (group.count > group.paths.count ? ", ..." : "")
      return Failure("passed over \(group.count) (\(group.reason.name)): \(names)").description
    }
  }

  func train(_ corpus: TextCorpus) throws(Failure) -> Tokenizer {
    let counting = progress("count words", unit: "bytes", total: corpus.byteCount)
    var merging: Progress?
    let trainer = CorpusTrainer(
      vocabularySize: trainTokenizer ?? 0, field: reading.field, onBadLine: reading.onBadLine)
    let trained = try stoppable(output: output) { () throws(RecipeError) in
      try trainer.train(corpus, observer: counting.observer) { report in
        counting.finish()
        if report.totalMerges == 0 { return }
        let bar = merging ?? progress("merge", unit: "merges", total: report.totalMerges)
        bar.update(to: report.merges)
        merging = bar
      }
    }
    merging?.finish()
    return trained
  }

  /// What stands around each document; says what was not asked for.
  func form(_ tokenizer: Tokenizer, _ source: TokenizerSource?) throws(Failure) -> DocumentForm {
    let path = source?.path ?? "the trained tokenizer"
    var form = DocumentForm(tokenizer)
    form.start = try text.start(tokenizer, at: path)
    form.parsesSpecial = text.parseSpecial
    if let endOfText {
      form.end = try text.end(endOfText, of: tokenizer, at: path)
    } else if let name = source?.endOfTextName {
      form.end = try text.end(name, of: tokenizer, at: path)
    }
    if text.bos == "auto", !form.start.isEmpty {
      Console.note(
        "reflux: each document starts with \(tokenizer.names(form.start)), as the tokenizer's"
          + " post_processor says; --bos none leaves it out")
    }
    let after = tokenizer.frame.after
    if !after.isEmpty, after != [form.end] {
      Console.note(
        "reflux: \(tokenizer.names(after)), which the tokenizer's post_processor puts after a"
          + " text, is left out")
    }
    if form.end == nil {
      Console.note(
        "reflux: the tokenizer has no end-of-text token that is known; none goes after documents;"
          + " name it with --end-of-text")
    }
    return form
  }

  /// The ids of the models that are to use the store.
  func vocabularySize(
    _ tokenizer: Tokenizer, _ source: TokenizerSource?
  ) throws(Failure) -> Int {
    let ids = tokenizer.vocabularySize
    guard let size = vocabulary ?? source?.modelVocabularySize else { return ids }
    if size >= ids { return size }
    let name = vocabulary == nil ? "vocab_size in the folder's config.json," : "--vocabulary"
    throw Failure(
      "\(name) \(size) is below the tokenizer's \(ids) ids; name the vocab_size of the model's"
        + " config.json with --vocabulary", exitCode: .usage)
  }

  /// Says what encoding met.
  func note(_ counts: CorpusEncoder.Counts, _ tokenizer: Tokenizer) {
    if counts.documentsWithSpecialText > 0 {
      Console.note(
        "reflux: \(Quantity.grouped(counts.documentsWithSpecialText)) documents hold the text of a"
          + " special token, taken as ordinary text; --parse-special reads it as the token")
    }
    if counts.texts.droppedBytes > 0 {
      Console.note(
        "reflux: \(Quantity.grouped(counts.texts.droppedBytes)) bytes have no token and were left"
          + " out, as the tokenizers package does")
    }
    if counts.texts.unknownBytes > 0 {
      Console.note(
        "reflux: \(Quantity.grouped(counts.texts.unknownBytes)) bytes have no token and became the"
          + " unknown token")
    }
    if counts.texts.cutStretches > 0 {
      Console.note(
        "reflux: the text was cut at \(Quantity.grouped(counts.texts.cutStretches)) places in"
          + " stretches of over \(Quantity.grouped(Tokenizer.longestStretch)) symbols without a"
          + " word's end; there the tokens may differ from those of the whole text")
    }
  }

  func write(
    _ corpus: TextCorpus, _ tokenizer: Tokenizer, _ form: DocumentForm, vocabulary: Int
  ) throws(Failure) -> TokenizeSummary {
    let progress = progress("tokenize", unit: "bytes", total: corpus.byteCount)
    var recipe = TokenizeRecipe(
      output: output, field: reading.field, workers: threads ?? ProcessorCount.active,
      tokenizerOutput: trainedPath)
    (recipe.form, recipe.vocabularySize) = (form, vocabulary)
    recipe.onBadLine = reading.onBadLine
    (recipe.software, recipe.created) = (Reflux.software, Timestamp.now)
    let summary = try stoppable(output: output) { () throws(RecipeError) in
      try recipe.run(corpus, tokenizer, observer: progress.observer)
    }
    progress.finish()
    return summary
  }

  func facts(
    _ corpus: TextCorpus, _ form: DocumentForm, _ vocabulary: Int, _ summary: TokenizeSummary,
    seconds: Double
  ) -> Facts {
    var facts = Facts()
    facts.add("output", .string(output))
    if let trainedPath { facts.add("tokenizer", .string(trainedPath)) }
    facts.add("tokens", .integer(summary.tokens))
    facts.add("documents", .integer(summary.documents))
    facts.add("vocabulary_size", .integer(vocabulary))
    facts.add("bytes", .integer(summary.bytes))
    facts.add("bytes_per_token", .number(Double(summary.bytes) / Double(summary.tokens)))
    facts.addHidden("start_ids", .array(form.start.map { .integer(Int($0)) }))
    facts.addHidden("end_of_text_id", form.end.map { .integer(Int($0)) } ?? .null)
    let counts = summary.counts
    facts.addHidden("documents_with_special_text", .integer(counts.documentsWithSpecialText))
    facts.addHidden("bytes_left_out", .integer(counts.texts.droppedBytes))
    facts.addHidden("bytes_unknown", .integer(counts.texts.unknownBytes))
    facts.add("binary_files_passed_over", .integer(corpus.passedOver.binaryFiles))
    let passedOver = corpus.passedOver.groups.map { group in
      JSONObject.Member(group.reason.name, .integer(group.count))
    }
    facts.addHidden("passed_over", .object(JSONObject(passedOver)))
    if counts.lines != LineCounts() || printing.json {
      facts.add("lines_skipped", .integer(counts.lines.skipped))
      facts.add("lines_repaired", .integer(counts.lines.repaired))
    }
    facts.add("fingerprint", .hash(summary.fingerprint))
    facts.add("tokens_per_second", .number((Double(summary.tokens) / seconds).rounded()))
    return facts
  }

  private func progress(_ stage: String, unit: String, total: Int) -> Progress {
    Progress(stage, unit: unit, total: total, isQuiet: showing.quiet)
  }
}
