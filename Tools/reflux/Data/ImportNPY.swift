import ArgumentParser
import RefluxBytes
import RefluxJSON
import RefluxRecipes
import RefluxTokens

/// Token ids made elsewhere, as a token store.
struct ImportNPY: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "npy", abstract: "Make a token store from a NumPy array of token ids.",
    discussion: """
      Takes integers of 1 to 8 bytes in C order. Each row of an array of several axes is a \
      document of its own. An array of one axis is one document, or several where it is known \
      which id ends a document: from --end-of-text, or from the tokenizer.

      EXAMPLES:
        reflux import npy ids.npy --output corpus.rfx --vocabulary 50257
        reflux import npy rows.npy --output corpus.rfx --tokenizer tokenizer.json
        reflux import npy ids.npy --output corpus.rfx --vocabulary 50257 \\
          --end-of-text 50256 --json
      """)

  @Argument(help: ArgumentHelp("The array's file.", valueName: "array"))
  var input: String

  @Option(help: ArgumentHelp("Where the token store goes.", valueName: "store"))
  var output: String

  @Option(help: "The number of tokens; every id is below it (default: the largest id plus 1).")
  var vocabulary: Int?

  @Option(
    help: ArgumentHelp(
      "The tokenizer.json that made the ids, or the folder of its model; gives the vocabulary, the "
        + "end of text and a hash.", valueName: "path"))
  var tokenizer: String?

  @Option(help: ArgumentHelp("The id that ends a document.", valueName: "id"))
  var endOfText: UInt32?

  @OptionGroup var replacing: ReplaceOptions
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    if vocabulary != nil && tokenizer != nil {
      throw ValidationError("Give either --vocabulary or --tokenizer, not both")
    }
    if let vocabulary, vocabulary < 1 { throw ValidationError("--vocabulary must be at least 1") }
  }

  func run() throws {
    try replacing.gate(reading: [input, tokenizer]).admit(output, as: .tokens)
    Interruption.finishSafely()
    let progress = Progress("import", unit: "tokens", isQuiet: showing.quiet)
    let recipe = try makeRecipe()
    let summary = try stoppable(output: output) { () throws(RecipeError) in
      try recipe.run(input, observer: progress.observer)
    }
    progress.finish()
    try print(summary)
  }

  private func makeRecipe() throws(Failure) -> NPYImport {
    var recipe = NPYImport(output: output, vocabularySize: vocabulary, endOfText: endOfText)
    (recipe.software, recipe.created) = (Reflux.software, Timestamp.now)
    guard let path = tokenizer else { return recipe }
    let source = try TokenizerSource.read(path)
    let ids = source.tokenizer.vocabularySize
    recipe.vocabularySize = max(source.modelVocabularySize ?? ids, ids)
    recipe.endOfText = endOfText ?? source.endOfText
    recipe.tokenizerHash = source.tokenizer.fingerprint
    return recipe
  }

  private func print(_ summary: NPYImport.Summary) throws(Failure) {
    var facts = Facts()
    facts.add("output", .string(output))
    facts.add("records", .integer(summary.records))
    facts.add("documents", .integer(summary.documents))
    facts.add("vocabulary_size", .integer(summary.vocabularySize))
    facts.add("fingerprint", .hash(summary.fingerprint))
    facts.add(warnings: summary.warnings.map { "\($0)" + Failure.words(for: $0.remedy) })
    try facts.print(json: printing.json)
  }
}
