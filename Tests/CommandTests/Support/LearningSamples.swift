import Foundation
import TestSupport
import Testing

/// Tiny tokens, models and sample sets for the learning verbs, in one folder.
struct LearningSamples {
  let folder: TemporaryFolder
  var command: Command { Command(folder: folder) }

  /// A model of some 6,000 parameters over the 257 ids of ``makeTokens(words:)``.
  static let configuration = """
    {"model_type": "llama", "vocab_size": 257, "hidden_size": 16, "intermediate_size": 32, \
    "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 16, \
    "tie_word_embeddings": true}
    """

  /// A training of the tiny model; what a test adds follows.
  static let training = [
    "train", "--student", "student.json", "--tokens", "tokens.rfx", "--window", "8", "--batch", "4",
    "--precision", "float32",
  ]

  /// Words in no order, the same in every run.
  static func text(words: Int, seed: UInt64) -> String {
    var random = TestRandom(seed: seed)
    let choice = ["to", "be", "or", "not", "that", "is", "the", "question", ",", ".\n"]
    return (0..<words).map { _ in choice[Int(random.next() % UInt64(choice.count))] }
      .joined(separator: " ")
  }

  /// Writes `tokens.rfx`, its `tokenizer.json` of 257 ids and `student.json`.
  func makeTokens(words: Int = 400) throws {
    try folder.write("text.txt", Self.text(words: words, seed: 1))
    try folder.write("student.json", Self.configuration)
    try done(
      "tokenize", "text.txt", "--output", "tokens.rfx", "--train-tokenizer", "257", "--quiet")
  }

  /// Writes `other.rfx`: other text, the same tokenizer.
  func makeOtherTokens() throws {
    try folder.write("other.txt", Self.text(words: 400, seed: 2))
    try done(
      "tokenize", "other.txt", "--output", "other.rfx", "--tokenizer", "tokenizer.json", "--quiet")
  }

  /// Writes the model `teacher`, which knows the letters' frequencies and little more.
  func makeTeacher() throws {
    try done(
      Self.training + [
        "--loss", "ce", "--output", "teacher", "--steps", "60", "--learning-rate", "0.02",
        "--quiet",
      ])
    try FileManager.default.removeItem(atPath: folder.file("teacher/checkpoint.safetensors"))
  }

  /// Writes `samples.rfx`: six draws per position in a context of 8 tokens.
  func makeSamples(_ name: String = "samples.rfx", estimator: String = "multinomial") throws {
    try done(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", name, "--context", "8",
      "--rounds", "6", "--estimator", estimator, "--precision", "float32", "--quiet")
  }

  /// Runs `reflux` and expects it to succeed.
  @discardableResult
  func done(_ arguments: String...) throws -> String { try done(arguments) }

  @discardableResult
  func done(_ arguments: [String]) throws -> String {
    let run = try command.run(arguments)
    precondition(run.exitCode == 0, "\(arguments): \(run.diagnostics)")
    return run.output
  }

  /// A copy of the model `teacher` whose weights are all `value`, without the hash of the values.
  func makeModel(_ name: String, allWeights value: Float) throws {
    try copyTeacher(to: name)
    var file = try folder.bytes("teacher/model.safetensors")
    let length = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let text = String(decoding: file[8..<8 + length], as: UTF8.self)
    // The same length with another key: the hash is not looked for there.
    file.replaceSubrange(8..<8 + length, with: text.replacing("\"xxh64\"", with: "\"other\"").utf8)
    let bits = withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    for offset in stride(from: 8 + length, to: file.count, by: 4) {
      file.replaceSubrange(offset..<offset + 4, with: bits)
    }
    try folder.write(name + "/model.safetensors", file)
  }

  func copyTeacher(to name: String) throws {
    try FileManager.default.copyItem(
      atPath: folder.file("teacher"), toPath: folder.file(name))
  }
}

/// Waits until `condition` holds, for a minute at most.
func waitFor(_ what: String, until condition: () throws -> Bool) throws {
  for _ in 0..<6000 {
    if try condition() { return }
    usleep(10_000)
  }
  Issue.record("waited in vain for \(what)")
}

/// The lines of `--json`, read back.
struct JSONRows {
  let rows: [[String: Any]]

  init(_ output: String) throws {
    rows = try output.split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
  }

  /// The numbers of `key`, a row after the other.
  func numbers(_ key: String) -> [Double] { rows.compactMap { $0[key] as? Double } }

  /// The keys of the first row, sorted.
  var keys: [String] { rows.first.map { $0.keys.sorted() } ?? [] }
}

extension String {
  /// The text with `#` in place of every number that ends a word: what time and processor decide.
  var withoutNumbers: String { replacing(#/-?\d+([.,]\d+)*(e-?\d+)?/#, with: "#") }
}
