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
    return try stoppable(output: output) { () throws(RecipeError) in
      try TextCorpus(paths: inputs, excluding: Set(own))
    }
  }

  func makeTokenizer(_ corpus: TextCorpus) throws(Failure) -> Tokenizer {
    if let path = tokenizer {
      return try at(path) { try Tokenizer(json: FileSystem.readFile(path: path)) }
    }
    let counting = progress("count words", unit: "bytes", total: corpus.byteCount)
    var merging: Progress?
    let trainer = CorpusTrainer(vocabularySize: trainTokenizer ?? 0, field: field)
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

  func write(_ corpus: TextCorpus, _ tokenizer: Tokenizer) throws(Failure) -> TokenizeSummary {
    if tokenizer.endOfText == nil {
      Console.note("reflux: the tokenizer has no end-of-text token; none goes behind documents")
    }
    if let vocabulary, vocabulary < tokenizer.vocabularySize {
      throw Failure(
        "--vocabulary \(vocabulary) is below the tokenizer's \(tokenizer.vocabularySize) ids; name"
          + " the vocab_size of the model's config.json", exitCode: .usage)
    }
    let progress = progress("tokenize", unit: "bytes", total: corpus.byteCount)
    var recipe = TokenizeRecipe(
      output: output, field: field, workers: threads ?? CorpusEncoder.processors,
      tokenizerOutput: trainedPath)
    recipe.vocabularySize = vocabulary
    (recipe.software, recipe.created) = (Reflux.software, Moment.now)
    let summary = try stoppable(output: output) { () throws(RecipeError) in
      try recipe.run(corpus, tokenizer, observer: progress.observer)
    }
    progress.finish()
    return summary
  }

  func facts(
    _ corpus: TextCorpus, _ tokenizer: Tokenizer, _ summary: TokenizeSummary, seconds: Double
  ) -> Facts {
    var facts = Facts()
    facts.add("output", .string(output))
    if let trainedPath { facts.add("tokenizer", .string(trainedPath)) }
    facts.add("tokens", .integer(summary.tokens))
    facts.add("documents", .integer(summary.documents))
    facts.add("vocabulary_size", .integer(vocabulary ?? tokenizer.vocabularySize))
    facts.add("bytes", .integer(summary.bytes))
    facts.add("bytes_per_token", .number(Double(summary.bytes) / Double(summary.tokens)))
    facts.add("binary_files_passed_over", .integer(corpus.binaryFiles))
    facts.add("fingerprint", .hash(summary.fingerprint))
    facts.add("tokens_per_second", .number((Double(summary.tokens) / seconds).rounded()))
    return facts
  }

  private func progress(_ stage: String, unit: String, total: Int) -> Progress {
    Progress(stage, unit: unit, total: total, isQuiet: showing.quiet)
  }
}
