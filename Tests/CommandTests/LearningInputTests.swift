import Foundation
import TestSupport
import Testing

/// Parts that do not belong together, and models that are none: one line with both sides named.
@Suite struct LearningInputTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func train(_ more: String...) throws -> Command.Outcome {
    try command.run(LearningSamples.training + ["--output", "out", "--steps", "3"] + more)
  }

  private func expect(
    _ run: Command.Outcome, _ line: String, exitCode: Int32 = 2,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      run == .init(diagnostics: "reflux: \(line)\n", exitCode: exitCode),
      sourceLocation: location)
    #expect(!folder.exists("out"), "nothing is written before all fits", sourceLocation: location)
  }

  private func configuration(_ field: String, _ value: String) -> String {
    LearningSamples.configuration.replacing(
      try! Regex("\"\(field)\": [^,}]*"), with: "\"\(field)\": \(value)")
  }

  private func hash(_ store: String) throws -> String {
    let facts = try JSONRows(samples.done("inspect", store, "--json"))
    return facts.rows[0]["fingerprint"] as? String ?? ""
  }

  // MARK: Parts

  @Test func refusesAStudentOfAnotherVocabulary() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try folder.write("student.json", configuration("vocab_size", "5000"))
    expect(
      try train("--loss", "ce"),
      "student.json: the model has 5000 ids, the store 257; use the tokens of the model's tokenizer"
    )
    try samples.done(
      "tokenize", "text.txt", "--output", "more.rfx", "--train-tokenizer", "270",
      "--tokenizer-output", "more.json", "--quiet")
    try FileManager.default.removeItem(atPath: folder.file("teacher/tokenizer.json"))
    let line =
      "teacher: id 269 is stored, the model has 257 ids: only padding may lie beyond them; use a"
      + " model with a row for every token"
    for run in [
      try command.run("evaluate", "--model", "teacher", "--tokens", "more.rfx"),
      try command.run("cache", "--teacher", "teacher", "--tokens", "more.rfx", "--output", "out"),
    ] {
      #expect(run.exitCode == 2)
      #expect(run.diagnostics.hasSuffix("\nreflux: \(line)\n"))
    }
  }

  @Test func refusesSamplesOfOtherTokens() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    try samples.makeOtherTokens()
    let line =
      "samples.rfx: the samples belong to tokens \(try hash("tokens.rfx")), found tokens"
      + " \(try hash("other.rfx")); name the token store that the samples were made from"
    expect(
      try train("--loss", "rskd", "--samples", "samples.rfx", "--tokens", "other.rfx"), line)
    expect(
      try command.run(
        "evaluate", "--model", "teacher", "--tokens", "other.rfx", "--samples", "samples.rfx"),
      line)
  }

  @Test func refusesAWindowThatIsNotTheSamplesContext() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let line =
      "samples.rfx: the samples were made over windows of 8 tokens every 8, the batches have"
      + " windows of 4; use the samples' window or make them again"
    expect(try train("--loss", "rskd", "--samples", "samples.rfx", "--window", "4"), line)
    expect(
      try command.run(
        "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--samples", "samples.rfx",
        "--context", "4"), line)
  }

  @Test func refusesSamplesThatDoNotFitTheLoss() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    try samples.makeSamples("top.rfx", estimator: "topk")
    expect(
      try train("--loss", "topk", "--samples", "samples.rfx"),
      "samples.rfx: samples of the estimator 'multinomial' do not fit the loss 'topk', which takes"
        + " top-K sets; cache with --estimator topk")
    expect(
      try train("--loss", "rskd", "--samples", "top.rfx"),
      "top.rfx: samples of the estimator 'topk' do not fit the loss 'rskd', which takes counts;"
        + " use the loss 'topk'")
  }

  @Test func refusesAWindowBeyondTheModel() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let end = "a window of 17 tokens is longer than the model's 16 positions; shorten it"
    expect(try train("--loss", "ce", "--window", "17"), "student.json: " + end)
    expect(
      try command.run(
        "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--context", "17"),
      "teacher/config.json: " + end)
  }

  @Test func refusesAStoreShorterThanAStep() throws {
    try samples.makeTokens()
    try folder.write("short.txt", "to be or not")
    try samples.done(
      "tokenize", "short.txt", "--output", "short.rfx", "--tokenizer", "tokenizer.json", "--quiet")
    expect(
      try train("--loss", "ce", "--tokens", "short.rfx"),
      "short.rfx: the store holds 13 tokens, one batch needs 33; use a smaller batch or window, or"
        + " more text")
    let epochs = try command.run(
      "train", "--student", "student.json", "--tokens", "short.rfx", "--loss", "ce", "--output",
      "out", "--epochs", "1", "--batch", "4", "--window", "8")
    expect(
      epochs,
      "short.rfx: the store holds 13 tokens, one batch needs 33; use a smaller batch or window, or"
        + " more text")
    let little = try command.run(
      "train", "--student", "student.json", "--tokens", "tokens.rfx", "--loss", "ce", "--output",
      "out", "--epochs", "0.001", "--batch", "4", "--window", "8")
    #expect(little.exitCode == 2 && little.diagnostics.contains("tokens are less than a step; "))
  }

  @Test func refusesATokenizerThatDidNotMakeTheTokens() throws {
    try samples.makeTokens()
    try samples.done(
      "tokenize", "text.txt", "--output", "more.rfx", "--train-tokenizer", "270",
      "--tokenizer-output", "more.json", "--quiet")
    let run = try train("--loss", "ce", "--tokenizer", "more.json")
    #expect(run.exitCode == 2)
    #expect(
      run.diagnostics.hasPrefix(
        "reflux: more.json: its tokenizer (more.json, "))
    #expect(!folder.exists("out"))
  }

  @Test(arguments: [
    ["--loss", "rskd"], ["--loss", "topk"], ["--loss", "fullkd"], ["--loss", "kd"],
    ["--loss", "ce", "--epochs", "1"], ["--loss", "ce", "--batch", "0"],
    ["--loss", "ce", "--warmup-steps", "4"], ["--loss", "ce", "--learning-rate", "nan"],
    ["--loss", "ce", "--floor-share", "2"], ["--loss", "ce", "--log-steps", "0"],
    ["--loss", "ce", "--threads", "0"], ["--loss", "ce", "--precision", "float16"],
    ["--loss", "ce", "--steps", "9223372036854775807"],
  ])
  func refusesWrongUsageBeforeItOpensAnything(arguments: [String]) throws {
    let run = try command.run(
      LearningSamples.training + ["--output", "out", "--steps", "3"] + arguments)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.hasPrefix("reflux: "))
    #expect(run.diagnostics.contains("see 'reflux train --help'"))
    #expect(try folder.names() == [])
  }

  @Test(arguments: [
    ["cache"], ["evaluate"], ["generate"], ["cache", "--rounds", "0"], ["cache", "--tau", "nan"],
    ["cache", "--estimator", "best"], ["cache", "--context", "0"], ["evaluate", "--context", "0"],
    ["evaluate", "--limit", "0"], ["generate", "--count", "0"],
    ["generate", "--temperature", "nan"],
  ])
  func refusesWrongUsage(arguments: [String]) throws {
    let needed = [
      "cache": ["--teacher", "m", "--tokens", "t", "--output", "o"],
      "evaluate": ["--model", "m", "--tokens", "t"], "generate": ["--model", "m", "--prompt", "p"],
    ]
    let more = arguments.count == 1 ? [] : needed[arguments[0]] ?? []
    let run = try command.run(arguments + more)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.contains(" see 'reflux \(arguments[0]) --help'"))
  }

  // MARK: Models

  /// Each damage of a model's folder, and what is said of it.
  @Test func refusesWhatIsNoModel() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let weights = try folder.bytes("teacher/model.safetensors")
    var flipped = weights
    flipped[weights.count - 3] ^= 0x08
    func rope(_ kind: String) -> [UInt8] {
      let scaling = "true, \"rope_scaling\": {\"type\": \"\(kind)\"}"
      return Array(configuration("tie_word_embeddings", scaling).utf8)
    }
    let experts = configuration("tie_word_embeddings", "true, \"num_experts\": 8")
    let needs = "expected a JSON object with vocab_size, hidden_size and so on; name a config.json"
    let cases: [(file: String, content: [UInt8], line: String)] = [
      (
        "config.json", Array("hello".utf8),
        "not JSON at line 1, column 1: found 'h', expected a value; fix the file"
      ),
      ("config.json", Array("[]".utf8), "not a model configuration: \(needs)"),
      (
        "config.json", Array("{}".utf8),
        "vocab_size is missing, expected a number; change it or use another model"
      ),
      (
        "config.json", rope("dynamic"),
        "rope_scaling's type is dynamic, expected default or linear or llama3 or yarn; change it or"
          + " use another model"
      ),
      (
        "config.json", rope("yarn"),
        "rope_scaling's factor is missing, expected a number; change it or use another model"
      ),
      (
        "config.json", Array(configuration("model_type", "\"bert\"").utf8),
        "model_type is bert, expected llama or mistral or qwen2 or qwen3 or gemma2 or gpt2; change"
          + " it or use another model"
      ),
      (
        "config.json", Array(experts.utf8),
        "num_experts is 8, a setting that is not known here and may change the result; remove it if"
          + " it does not"
      ),
      (
        "config.json", Array(configuration("num_attention_heads", "0").utf8),
        "num_attention_heads is 0, expected 1...1024; change it or use another model"
      ),
      (
        "model.safetensors", [],
        "cut short in the header: expected 9 bytes, found 0; fetch the file again"
      ),
      (
        "model.safetensors", Array(weights.dropLast(5)),
        "cut short in the tensors' data: expected \(weights.count) bytes, found"
          + " \(weights.count - 5); fetch the file again"
      ),
      (
        "model.safetensors", flipped,
        "the values do not match the hash in the file's metadata (xxh64); copy the file again, or"
          + " remove the hash if they were changed on purpose"
      ),
    ]
    for (index, damage) in cases.enumerated() {
      let model = "model\(index)"
      try samples.copyTeacher(to: model)
      try folder.write(model + "/" + damage.file, damage.content)
      let run = try command.run("evaluate", "--model", model, "--tokens", "tokens.rfx")
      expect(run, "\(model)/\(damage.file): \(damage.line)")
    }
  }

  @Test func saysWhatAFolderLacks() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let line = "not a model: expected a folder with config.json and model.safetensors"
    for file in ["config.json", "model.safetensors"] {
      try samples.copyTeacher(to: "model")
      try FileManager.default.removeItem(atPath: folder.file("model/" + file))
      expect(
        try command.run("evaluate", "--model", "model", "--tokens", "tokens.rfx"),
        "model: " + line, exitCode: 1)
      try FileManager.default.removeItem(atPath: folder.file("model"))
    }
    expect(
      try command.run("generate", "--model", "student.json", "--prompt", "to be"),
      "student.json: " + line, exitCode: 1)
    expect(
      try command.run("cache", "--teacher", "none", "--tokens", "tokens.rfx", "--output", "out"),
      "none: there is no such folder; name a model's folder", exitCode: 1)
    expect(
      try train("--loss", "ce", "--student", "none.json"),
      "none.json: cannot open: No such file or directory; check the path", exitCode: 1)
  }

  @Test func saysWhatElseWeightsLieIn() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let saving = "load it with transformers and 'save_pretrained(folder, safe_serialization=True)'"
    func evaluate(_ model: String) throws -> Command.Outcome {
      try command.run("evaluate", "--model", model, "--tokens", "tokens.rfx")
    }
    try folder.write("bin/config.json", LearningSamples.configuration)
    try folder.write("bin/pytorch_model.bin", "PK")
    expect(
      try evaluate("bin"),
      "bin: its weights are in pytorch_model.bin, a pickle, which is not read here; \(saving)",
      exitCode: 1)
    let hub =
      "org/name: there is no such folder; if this is a name on the Hugging Face hub, download it"
      + " first: 'hf download org/name --local-dir <folder>', and name that folder"
    expect(try evaluate("org/name"), hub, exitCode: 1)
    expect(try train("--loss", "ce", "--student", "org/name"), hub, exitCode: 1)
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"
    for file in ["config.json", "model.safetensors"] {
      try samples.copyTeacher(to: "model")
      try folder.write("model/" + file, pointer)
      expect(
        try evaluate("model"),
        "model/\(file): a Git LFS pointer in place of the file; fetch the file with 'git lfs pull'")
      try FileManager.default.removeItem(atPath: folder.file("model"))
    }
  }

  /// What editors and other programs leave in a config.json.
  @Test func readsConfigurationsAsTheyAreFound() throws {
    try samples.makeTokens()
    let own = LearningSamples.configuration
    let notes = own.dropLast() + #", "_anything": {"a": 1}, "bad_words_ids": [1]}"#
    try folder.write("student.json", Array("\u{FEFF}".utf8) + Array(notes.utf8))
    #expect(try train("--loss", "ce", "--quiet").exitCode == 0)
    try FileManager.default.removeItem(atPath: folder.file("out"))
    try folder.write("student.json", "{\n  \"vocab_size\": 257,\n}\n")
    expect(
      try train("--loss", "ce"),
      "student.json: not JSON at line 3, column 1: found '}', expected a key; the comma before it"
        + " must go; fix the file")
  }

  @Test func refusesAModelThatNoMachineHolds() throws {
    try samples.makeTokens()
    try folder.write(
      "student.json",
      configuration("hidden_size", "8192").replacing(
        "\"intermediate_size\": 32", with: "\"intermediate_size\": 262144"
      ).replacing(
        "\"num_hidden_layers\": 1", with: "\"num_hidden_layers\": 1024"))
    let run = try train("--loss", "ce")
    #expect(run.exitCode == 1)
    #expect(
      run.diagnostics.withoutNumbers
        == "reflux: student.json: a model of # T parameters needs # TB of memory, the machine has"
        + " # GB; use a smaller one\n")
    #expect(!folder.exists("out"))
  }

  /// Shards are named one by one.
  @Test func namesTheShardThatIsDamaged() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let index = """
      {"weight_map": {"model.embed_tokens.weight": "a.safetensors"}}
      """
    try FileManager.default.moveItem(
      atPath: folder.file("teacher/model.safetensors"),
      toPath: folder.file("teacher/a.safetensors"))
    try folder.write("teacher/model.safetensors.index.json", index)
    let evaluate = ["evaluate", "--model", "teacher", "--tokens", "tokens.rfx"]
    let missing = try command.run(evaluate)
    #expect(missing.exitCode == 2)
    #expect(
      missing.diagnostics.hasPrefix(
        "reflux: teacher/model.safetensors.index.json: no tensor 'model.layers.0."))
    try folder.write("teacher/a.safetensors", "")
    expect(
      try command.run(evaluate),
      "teacher/model.safetensors.index.json: a.safetensors: cut short in the header: expected 9"
        + " bytes, found 0; fetch the file again")
  }
}
