package import RefluxFiles
internal import RefluxSettings
internal import RefluxStorage

/// What recipes of learning write.
extension OutputKind {
  /// Samples; a finished store of them is compared with what was asked for, an unfinished one is
  /// gone on with.
  package static let samples = OutputKind(
    "a store of samples", replacesOwn: true, isReadInFolders: false
  ) {
    RecordKind(fileStart: $0) == .samples
  }
  /// The settings of a run, which it leaves again.
  package static let runFile = OutputKind("the settings of a run of reflux", replacesOwn: true) {
    start in
    let text = String(decoding: start, as: UTF8.self)
    return RunFile<TrainSettings>.ownKeys.allSatisfy { text.contains("\"\($0)\": ") }
  }
  package static let model = OutputKind("a model", startingWith: [])
  /// What a run has logged before its first checkpoint, from which it starts over.
  package static let metrics = OutputKind("a log of steps", replacesOwn: true) { start in
    start.starts(with: Array(#"{"step":"#.utf8))
  }
  /// The same for TensorBoard; its first record is the version of events.
  ///
  /// - Parameter areOwn: the run that is going to write has begun before.
  package static func events(areOwn: Bool) -> OutputKind {
    OutputKind("a log of steps of this run", replacesOwn: areOwn) { start in
      String(decoding: start.prefix(64), as: UTF8.self).contains("brain.Event:")
    }
  }
}
