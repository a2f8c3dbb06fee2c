/// Something that helps against an error and is not in the hands of the module that met it.
///
/// Descriptions say what to do in plain words. What that is called where the person stands, a
/// command, an option, a function, only the door knows: it adds the name by this.
public enum Remedy: Sendable, Equatable {
  /// Save what is intact of a store.
  case recover
  /// Join shards into one store.
  case join
  /// Join shards by a manifest that names them.
  case joinByManifest
  /// Name the field of a JSON object that holds the text.
  case nameField
  /// Replace broken text.
  case replaceBrokenText
  /// Read a file that looks like another kind as it is.
  case readAsText
  /// Name how documents lie in a stream.
  case nameLayout
  /// Name the size of the vocabulary.
  case nameVocabulary
  /// Name the id that ends documents.
  case nameEndOfText
  /// Replace what lies where the output is to be.
  case replaceOutput
  /// Look at the records of a step's windows, and leave them out of the run.
  case leaveWindowsOut
  /// Start a run from the weights and moments of another one.
  case startFromCheckpoint
  /// Take a smaller store with holes.
  case simulateLess
  /// Change settings: a clause that names them in quotes, as in "lower 'context' or 'threads'".
  case settings(String)
}

/// An error that knows what helps.
public protocol Remediable: Error {
  /// Nil where the description says all there is.
  var remedy: Remedy? { get }
}
