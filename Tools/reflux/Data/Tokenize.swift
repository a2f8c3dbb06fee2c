import ArgumentParser
import RefluxFiles
import RefluxProfiling
import RefluxRecipes
import RefluxTokens

/// Text in, token store out.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn text into a token store.",
    discussion: """
      Each file is one document, taken byte for byte; in files that end in .jsonl or .ndjson, or \
      in .json with a text in the first line, each line is a JSON object and the string in its \
      field --field is one document. A byte order mark at the start is left out. The end-of-text \
      token goes after each document: --end-of-text, else eos_token of the tokenizer_config.json \
      beside the tokenizer, else <|endoftext|>, <|end_of_text|>, </s> or <eos>. What the \
      tokenizer's post_processor puts before a text, such as <bos>, goes before each document. \
      A folder stands for the files below it in the order of their names, without hidden and empty \
      ones and those that are no text (compressed, tables, tensors, UTF-16, zero bytes), which are \
      named; links to files are followed, also out of the folder, links to folders are not. With \
      --format text or jsonl, '-' is standard input, which goes through a file without a name \
      beside the output; a pipe may be named too. The store depends on the text and the tokenizer \
      alone, not on the number of threads. It appears when it is complete; what exists under its \
      name is replaced with --force only.
      Models often have more ids than their tokenizer, as padding: Qwen 2.5's tokenizer has \
      151,665, its models have 151,936 or 152,064 (vocab_size in config.json). --vocabulary makes \
      a store for such models; where --tokenizer names a model's folder, its config.json says it.
      Added tokens in a text stand for themselves as in the tokenizers package. Special ones such \
      as <|im_end|> stay ordinary text, so that no document can forge one, and the documents that \
      hold such text are counted; --parse-special reads them too.

      EXAMPLES:
        reflux tokenize corpus/ --output corpus.rfx --train-tokenizer 4096
        reflux tokenize train.jsonl --field content --output train.rfx --tokenizer model
        zstd -dc corpus.jsonl.zst | reflux tokenize - --format jsonl --output corpus.rfx \\
          --tokenizer tokenizer.json
        reflux tokenize a.txt more/ --output all.rfx --tokenizer t.json --json
      """)

  @Argument(help: ArgumentHelp("Text files, JSON Lines files and folders.", valueName: "input"))
  var inputs: [String]

  @Option(help: ArgumentHelp("Where the token store goes.", valueName: "store"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "A tokenizer.json to use, or a model's folder that holds one.", valueName: "path"))
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
        + "tokenizer's, or vocab_size of the model's folder).", valueName: "ids"))
  var vocabulary: Int?

  @Option(
    help: ArgumentHelp("The token that goes after each document, or its id.", valueName: "token"))
  var endOfText: String?

  @OptionGroup var text: TextOptions

  @Option(help: "Threads that encode (default: one for each processor).")
  var threads: Int?

  @OptionGroup(title: "Text") var reading: CorpusOptions
  @OptionGroup var replacing: ReplaceOptions
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
    let gate = replacing.gate(reading: inputs + [tokenizer])
    try gate.admit(output, as: .tokens)
    if let trainedPath { try gate.admit(trainedPath, as: .tokenizer, beside: output) }
    Interruption.finishSafely()
    let corpus = try findText()
    let source = try tokenizer.map { try TokenizerSource.read($0) }
    let tokenizer = try source?.tokenizer ?? train(corpus)
    let form = try form(tokenizer, source)
    let vocabulary = try vocabularySize(tokenizer, source)
    let clock = Stopwatch()
    let summary = try write(corpus, tokenizer, form, vocabulary: vocabulary)
    let seconds = clock.seconds
    note(summary.counts, tokenizer)
    try facts(corpus, form, vocabulary, summary, seconds: seconds).print(json: printing.json)
  }
}
