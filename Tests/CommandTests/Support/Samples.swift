import RefluxStorage
import TestSupport

/// Stores that tests read.
enum Samples {
  /// Three documents, one token for each byte and an end-of-text after each.
  static let text = ["a.txt": "to be\n", "b.txt": "or not\n", "c/d.txt": "to be\n"]

  /// Writes `corpus.rfx` and `tokenizer.json`: 22 tokens.
  static func makeTokens(in folder: TemporaryFolder) throws {
    for (name, text) in Self.text { try folder.write("text/" + name, text) }
    let run = try Command(folder: folder).run(
      "tokenize", "text", "--output", "corpus.rfx", "--train-tokenizer", "257", "--quiet",
      "--force")
    precondition(run.exitCode == 0, run.diagnostics)
  }

  /// Writes `samples.rfx` for the tokens of `store`: record r holds ids r and r + 1, drawn 3 and
  /// once.
  static func makeSamples(
    in folder: TemporaryFolder, name: String = "samples.rfx", for store: String = "corpus.rfx",
    weighted: Bool = false
  ) throws {
    let tokens = try TokenStore(path: folder.file(store))
    let writer = try SampleStoreWriter(
      path: folder.file(name),
      configuration: SampleStoreConfiguration(
        vocabularySize: tokens.vocabularySize, capacity: 4, values: weighted ? .float32 : .counts,
        provenance: StoreProvenance(
          tokenizerHash: tokens.header.provenance.tokenizerHash, tokensHash: tokens.fingerprint,
          teacher: "teacher", estimator: "multinomial", rounds: 4, tau: 1, seed: 7,
          contextLength: 8, stride: 8)))
    for record in 0..<tokens.count {
      let ids = [UInt32(record), UInt32(record + 1)]
      if weighted {
        try writer.append(ids: ids.span, weights: [0.75 as Float, 0.25].span)
      } else {
        try writer.append(ids: ids.span, counts: [3 as UInt32, 1].span)
      }
    }
    _ = try writer.seal()
  }
}

extension Samples {
  /// A `.npy` file of 32-bit ids, as NumPy writes it.
  static func array(_ ids: [UInt32], shape: String) -> [UInt8] {
    let text = "{'descr': '<u4', 'fortran_order': False, 'shape': \(shape), }"
    let header = text + String(repeating: " ", count: 117 - text.utf8.count) + "\n"
    let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    let bytes = ids.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } }
    return start + Array(header.utf8) + bytes
  }
}
