/// How a benchmark writes a store.
struct StoreForm: Equatable, Sendable {
  /// How sets become bytes.
  enum Encoding: String, Sendable { case plain, packed }

  let encoding: Encoding
  /// 0 for LZ4's fast mode, above that for its slower ones; packed blocks have no LZ4.
  let level: Int

  /// The forms that are measured: what writers do by default, the smallest plain one at LZ4's own
  /// default for its slow mode, and packed.
  static let all = [
    StoreForm(encoding: .plain, level: 0), StoreForm(encoding: .plain, level: 9),
    StoreForm(encoding: .packed, level: 0),
  ]

  /// The form as a part of a file's name.
  var name: String { encoding.rawValue + "-\(level)" }
  /// Whether writers use this level unless they are told otherwise.
  var isDefaultLevel: Bool { level == 0 }
  /// The plain form of the same level, whose blocks LZ4 is measured on.
  var plain: StoreForm { StoreForm(encoding: .plain, level: level) }
}
