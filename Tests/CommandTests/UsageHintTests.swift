import ArgumentParser
import RefluxModel
import RefluxRecipes
import RefluxSettings
import TestSupport
import Testing

@testable import reflux

/// What is said of a verb, a format or an option that there is not.
@Suite struct UsageHintTests {
  let command = Command(folder: TemporaryFolder())

  private func expect(
    _ arguments: [String], _ line: String, location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try command.run(arguments) == .init(diagnostics: "reflux: \(line)\n", exitCode: 64),
      sourceLocation: location)
  }

  @Test(arguments: [
    ("inspct", " did you mean 'inspect'?"), ("trian", " did you mean 'train'?"),
    ("eval", " did you mean 'evaluate'?"), ("xyzzy", ""),
  ])
  func namesTheNearestVerb(found: String, guess: String) throws {
    try expect(
      [found, "f", "--output", "x"], "no verb '\(found)';\(guess) 'reflux --help' lists them")
  }

  /// Before any complaint about options that only a format has.
  @Test(arguments: ["import", "export"])
  func listsTheFormats(verb: String) throws {
    let formats = try #require(Reflux.children.first { $0._commandName == verb }).children
    let names = formats.map { $0._commandName }.joined(separator: ", ")
    try expect(
      [verb, "msword", "x", "--output", "y"],
      "\(verb): no format 'msword'; there is: \(names); see 'reflux \(verb) --help'")
  }

  /// Names of PyTorch, Hugging Face and nanoGPT, and what they are called here.
  @Test(arguments: [
    ("train", "--lr", "here it is '--learning-rate'"),
    ("train", "--batch-size", "here it is '--batch' (windows of a batch)"),
    ("train", "--per_device_train_batch_size", "here it is '--batch' (windows of a batch)"),
    ("train", "--seq-len", "here it is '--window' (tokens of a window)"),
    ("train", "--max-steps", "here it is '--steps'"),
    ("train", "--grad-accum", "here it is '--accumulate'"),
    ("train", "--gradient-accumulation-steps", "here it is '--accumulate'"),
    ("train", "--num-train-epochs", "here it is '--epochs'"),
    ("train", "--bf16", "here it is '--precision bfloat16'"),
    ("train", "--adam-epsilon", "here it is '--epsilon'"),
    ("train", "--dtype", "here it is '--precision' (float32 or bfloat16)"),
    ("train", "--gradient-checkpointing", "here it is '--recompute'"),
    (
      "train", "--resume-from",
      "here it is '--resume' (the same command resumes from the checkpoint in its --output)"
    ),
    (
      "train", "--wandb",
      "here it is '--tensorboard' (every run writes metrics.jsonl and TensorBoard events to its"
        + " --output)"
    ),
    ("train", "--output-dir", "here it is '--output'"), ("train", "-o", "here it is '--output'"),
    ("train", "--val-data", "here it is '--held-out'"),
    ("cache", "--seq-len", "here it is '--context' (tokens of a window)"),
    ("cache", "--num-samples", "here it is '--rounds'"),
    ("evaluate", "--window", "here it is '--context' (tokens of a window)"),
    ("generate", "--max-new-tokens", "here it is '--count'"),
    (
      "cache", "--device",
      "everything runs on this machine's CPU, on as many --threads as it has processors"
    ),
  ])
  func knowsForeignNames(verb: String, option: String, advice: String) throws {
    try expect(
      [verb, option, "1"], "\(verb): no option '\(option)'; \(advice); see 'reflux \(verb) --help'")
  }

  /// A slip of a key is recognised, another word is not guessed at.
  @Test(arguments: [
    ("--stesp", " did you mean '--steps'?"), ("--learning_rate", " here it is '--learning-rate';"),
    ("-loss", " here it is '--loss';"), ("--ouput=x", " did you mean '--output'?"),
    ("--frobnicate", ""), ("--zap", ""),
  ])
  func guessesOnlyWhatIsNear(option: String, guess: String) throws {
    let name = option.prefix { $0 != "=" }
    try expect(
      ["train", option, "3"], "train: no option '\(name)';\(guess) see 'reflux train --help'")
  }

  /// Every option that the table sends people to is one that some verb has, and no name of the
  /// table is out of reach.
  @Test func theTableNamesWhatThereIs() throws {
    let all = try Set(
      UsageTests.verbs.flatMap { verb in
        try command.run(verb + ["--help"]).output.matches(of: /--[a-z0-9-]+/).map { String($0.0) }
      })
    for entry in ForeignNames.options {
      for option in entry.options {
        #expect(all.contains(String(option.prefix { $0 != " " })), "\(option)")
      }
      #expect(!entry.options.isEmpty || entry.note != nil)
      #expect(entry.names.allSatisfy { $0 == $0.lowercased() && !$0.hasPrefix("-") })
    }
  }

  @Test func takesShortNamesOfNumberFormats() {
    #expect(Precision(text: "bf16") == .bfloat16 && Precision(text: "fp32") == .float32)
    #expect(Precision(text: "fp16") == nil && Precision(text: "bfloat16") == .bfloat16)
  }

  /// What follows '--' and what is no option is left to the verb.
  @Test func otherMistakesAreNotItsOwn() {
    #expect(UsageHint(["train"]) == nil)
    #expect(UsageHint(["tokenize", "--", "--lr"]) == nil)
    #expect(UsageHint(["cat", "a.rfx", "--records", "-1..<3"]) == nil)
    #expect(UsageHint(["help", "train"]) == nil && UsageHint([]) == nil)
  }
}
