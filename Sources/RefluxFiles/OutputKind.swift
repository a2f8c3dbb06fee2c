/// A kind of file that a command writes: its name in messages, and what may be replaced.
public struct OutputKind: Sendable {
  /// With its article: `a store`.
  public let name: String
  /// Whether an older file of the kind is replaced without being asked for.
  let replacesOwn: Bool
  /// Whether the unfinished file of an earlier run may be resumed or begun anew.
  let takesPartial: Bool
  /// Whether such a file may be among those that are read of a folder.
  let isReadInFolders: Bool
  /// Whether a file that begins like this may be one of the kind.
  let isOwn: @Sendable (_ start: [UInt8]) -> Bool

  /// How much of a file's beginning is looked at.
  public static let startBytes = 1024

  /// - Parameters:
  ///   - name: with its article.
  ///   - replacesOwn: an older one may be replaced, because it can be made again at any time.
  ///   - takesPartial: an unfinished file of the kind is resumed or begun anew.
  ///   - isReadInFolders: a file of the kind in a folder that is read may be what is read of it;
  ///     false for kinds that its readers pass over.
  ///   - isOwn: gets up to ``startBytes`` bytes, at least one.
  public init(
    _ name: String, replacesOwn: Bool = false, takesPartial: Bool = true,
    isReadInFolders: Bool = true, isOwn: @escaping @Sendable ([UInt8]) -> Bool
  ) {
    self.name = name
    self.replacesOwn = replacesOwn
    self.takesPartial = takesPartial
    self.isReadInFolders = isReadInFolders
    self.isOwn = isOwn
  }

  /// A kind whose files begin with `mark`; a file that ends before may be one.
  public init(_ name: String, replacesOwn: Bool = false, startingWith mark: [UInt8]) {
    self.init(name, replacesOwn: replacesOwn) { start in
      start.starts(with: mark) || mark.starts(with: start)
    }
  }
}
