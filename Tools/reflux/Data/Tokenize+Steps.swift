import RefluxFiles
import RefluxRecipes
import RefluxTokens

/// The steps of `tokenize`, each with its progress.
extension Tokenize {
  var workers: Int { threads ?? CorpusEncoder.processors }

  func findText() throws(Failure) -> TextCorpus {
    let own = [output, output + AtomicFile.partialSuffix, trainedPath]
    do throws(RecipeError) {
      return try TextCorpus(paths: inputs, excluding: Set(own))
    } catch {
      throw Failure(error)
    }
  }

  func makeTokenizer(_ corpus: TextCorpus) throws(Failure) -> Tokenizer {
    if let path = tokenizer {
      return try at(path) { try Tokenizer(json: FileSystem.readFile(path: path)) }
    }
    return try train(corpus, vocabularySize: trainTokenizer ?? 0)
  }

  private func train(_ corpus: TextCorpus, vocabularySize: Int) throws(Failure) -> Tokenizer {
    let counting = Progress(
      "count words", unit: "bytes", total: corpus.byteCount, isQuiet: showing.quiet)
    let merging = Lazy { Progress("merge", unit: "tokens", isQuiet: showing.quiet) }
    return try stoppable {
      try CorpusTrainer.train(
        corpus, vocabularySize: vocabularySize, field: field, observer: observer(counting))
    }
  }

  func write(_ corpus: TextCorpus, _ tokenizer: Tokenizer) throws(Failure) -> TokenizeSummary {
    let progress = Progress(
      "tokenize", unit: "bytes", total: corpus.byteCount, isQuiet: showing.quiet)
    let recipe = TokenizeRecipe(output: output, field: field, workers: workers)
    let summary = try stoppable { () throws(RecipeError) in
      try recipe.run(corpus, tokenizer, observer: observer(progress))
    }
    progress.finish()
    return summary
  }
}
