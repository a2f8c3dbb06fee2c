import RefluxFiles
import RefluxStorage
import RefluxTokens
import RefluxTraining

/// The tokenizer that a trained model gets.
struct TrainTokenizer {
  let verb: TrainVerb
  /// The run's first token store.
  let tokens: TokenStore
  let path: String

  /// The one that was named, else the student's own, else one that is known to have made the
  /// tokens: the teacher's, or that beside the token store. Nil where there is none.
  func find() throws(Failure) -> Tokenizer? {
    if let path = verb.tokenizer {
      let tokenizer = try ModelInputs.tokenizer(at: path)
      try check(tokenizer, path)
      return tokenizer
    }
    if FileSystem.isFolder(path: verb.student),
      let own = try ModelInputs.tokenizer(verb.student)
    {
      return own
    }
    let folders = [verb.teacher, FileSystem.folder(of: path)].compactMap { $0 }
    return folders.lazy.compactMap { try? ModelInputs.tokenizer($0) }
      .first { $0.fingerprint == madeBy }
  }

  /// Fingerprint of the tokenizer that made the tokens; 0 where it is not known.
  private var madeBy: UInt64 { tokens.header.provenance.tokenizerHash }

  private func check(_ tokenizer: Tokenizer, _ path: String) throws(Failure) {
    if madeBy == 0 || tokenizer.fingerprint == madeBy { return }
    throw Failure(
      path: path,
      "not the tokenizer that made \(self.path): its hash is \(hash(tokenizer.fingerprint)),"
        + " the store names \(hash(madeBy)); name that one", exitCode: .badData)
  }

  private func hash(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
