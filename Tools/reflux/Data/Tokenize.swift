import ArgumentParser
import RefluxFiles
import RefluxRecipes
import RefluxTokens

/// Text in, token store out.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn text into a token store.",
    discussion: """
      Each file is one document, taken byte for byte; in files that end in .jsonl or .ndjson each \
      line is a JSON object and the string in its field --field is one document. The tokenizer's \
      end-of-text token goes behind each document. A folder stands for the files below it in the \
      order of their names, without hidden, empty and binary ones (a zero byte in the first \
      8 KiB). The store depends on the text and the tokenizer alone, not on the number of threads. \
      It appears when it is complete; an older store of that name stays until then.
      Models often have more ids than their tokenizer, as padding: Qwen 2.5's tokenizer has \
      151,665, its models have 151,936 or 152,064 (vocab_size in config.json). --vocabulary makes \
      a store for such models.

      EXAMPLES:
        reflux tokenize corpus/ --output corpus.rfx --train-tokenizer 4096
        reflux tokenize train.jsonl --field content --output train.rfx \\
          --tokenizer model/tokenizer.json
        reflux tokenize a.txt more/ --output all.rfx --tokenizer t.json --json
      """)

  @Argument(help: ArgumentHelp("Text files, JSON Lines files and folders.", valueName: "input"))
  var inputs: [String]

  @Option(help: ArgumentHelp("Where the token store goes.", valueName: "store"))
  var output: String

  @Option(help: ArgumentHelp("A tokenizer.json to use.", valueName: "file"))
  var tokenizer: String?

  @Option(
    help: ArgumentHelp(
      "Train a byte-level BPE tokenizer of this many tokens on the text.", valueName: "vocabulary"))
  var trainTokenizer: Int?

  @Option(
    help: ArgumentHelp(
      "Where the trained tokenizer goes (default: tokenizer.json beside the store).",
      valueName: "file"))
  var tokenizerOutput: String?

  @Option(
    help: ArgumentHelp(
      "Ids of the models that are to use the store, where their tables are padded (default: the "
        + "tokenizer's).", valueName: "ids"))
  var vocabulary: Int?

  @Option(help: "The field of a JSON line that holds the text.")
  var field = "text"

  @Option(help: "Threads that encode (default: one for each processor).")
  var threads: Int?

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    switch (tokenizer, trainTokenizer) {
    case (nil, nil):
      throw ValidationError(
        "Name a tokenizer: --tokenizer <file> or --train-tokenizer <vocabulary>")
    case (.some, .some):
      throw ValidationError("Give either --tokenizer or --train-tokenizer, not both")
    case (.some, nil) where tokenizerOutput != nil:
      throw ValidationError("--tokenizer-output goes with --train-tokenizer")
    default: break
    }
    if let size = trainTokenizer, !BytePairTrainer.allowedVocabularySizes.contains(size) {
      let sizes = BytePairTrainer.allowedVocabularySizes
      throw ValidationError(
        "--train-tokenizer must be \(sizes.lowerBound) to \(sizes.upperBound)")
    }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    let read = inputs + (tokenizer.map { [$0] } ?? [])
    try refuseOverwriting(read, with: output)
    try requireFolder(of: output)
    if let trainedPath {
      try refuseOverwriting(inputs + [output], with: trainedPath)
      try requireFolder(of: trainedPath)
    }
    Interruption.finishSafely()
    let corpus = try findText()
    let tokenizer = try makeTokenizer(corpus)
    let clock = ContinuousClock.now
    let summary = try write(corpus, tokenizer)
    let seconds = (ContinuousClock.now - clock) / .seconds(1)
    try facts(corpus, tokenizer, summary, seconds: seconds).print(json: printing.json)
  }
}
