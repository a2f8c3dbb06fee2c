/// How stores are written anew without a change of their content.
public struct StoreRewriting: Sendable {
  /// What a rewriting is doing.
  public enum Stage: Sendable {
    /// Counting how often each id stands in a set, for the dictionary of a packed store.
    case count
    /// Copying the records.
    case write
  }

  /// Told now and then how many records a stage has done; false stops the work.
  public typealias Watch = (_ stage: Stage, _ done: Int, _ total: Int) -> Bool

  /// How sets are laid down; nil as they are in the source.
  public var encoding: SampleEncoding?
  /// 0 for LZ4's fast mode, 1 to 12 for its slower and smaller ones.
  public var level = 0
  /// What writes, for the provenance; nil keeps what the source says.
  public var software: String?
  /// The token store that samples belong to: with it every block carries the sum of its tokens.
  /// Without it only blocks do that are made of whole blocks which carry one.
  public var tokens: TokenStore?
  /// Whether a packed store gets a new dictionary, from how often each id stands in its own sets;
  /// otherwise that of the source is kept where there is one for all shards.
  var countsAnew = false

  /// Everything as in the source.
  public init() {}
}
