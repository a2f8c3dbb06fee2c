public import RefluxJSON

/// What a verb can be told: a structure of properties, and a table that says all about each.
///
/// To add a setting, add a property with its default and a row to the table. The option, its help,
/// the key of run files, the checks of type and range, and the tests of all of that follow.
public protocol Settings: SettingPart {
  /// The verb of the command that has these settings.
  static var verb: String { get }
  /// The table, in the order of help and run files.
  static var groups: [SettingGroup<Self>] { get }
  /// Refuses what no setting is at fault for by itself.
  func check() throws(SettingError)
}

/// Something with settings: all of a verb's, or those that several verbs share.
public protocol SettingPart: Sendable {
  /// All defaults.
  init()
}

/// Settings under one title of the help.
public struct SettingGroup<Root: Settings>: Sendable {
  /// Empty for the first ones.
  public let title: String
  /// The rows of the table.
  public let settings: [Setting<Root>]

  /// A group of rows.
  public init(_ title: String, _ settings: [Setting<Root>]) {
    self.title = title
    self.settings = settings
  }
}

extension Settings {
  /// All rows.
  public static var table: [Setting<Self>] { groups.flatMap(\.settings) }

  /// Nothing but what the rows say.
  public func check() throws(SettingError) {}

  /// All settings by their keys.
  public var json: JSONObject {
    JSONObject(Self.table.map { JSONObject.Member($0.key, $0.get(self)) })
  }

  /// The same with each path changed.
  public func rebased(_ change: (String) -> String) -> Self {
    var copy = self
    for setting in Self.table { setting.rebase?(&copy, change) }
    return copy
  }
}

/// Puts settings together from defaults, a run file and options, in this order.
public struct SettingReader<Root: Settings>: Sendable {
  private var settings = Root()
  private var given: Set<String> = []

  /// All defaults.
  public init() {}

  /// Takes the settings of a run file; ``RunFile/ownKeys`` are not looked at.
  ///
  /// - Throws: `unknown`, `value`.
  public mutating func read(_ file: JSONObject) throws(SettingError) {
    for member in file.members where !RunFile<Root>.ownKeys.contains(member.key) {
      let setting = try Self.setting(member.key)
      try setting.set(&settings, .json(member.value))
      if member.value.isNull { given.remove(setting.key) } else { given.insert(setting.key) }
    }
  }

  /// Changes all paths so far: those of a run file count from its folder.
  public mutating func rebase(_ change: (String) -> String) {
    settings = settings.rebased(change)
  }

  /// Takes options, which win over what was read before.
  ///
  /// - Parameter options: the texts of each option that was given, by its key.
  /// - Throws: `unknown`, `value`.
  public mutating func read(options: [String: [String]]) throws(SettingError) {
    for key in options.keys { try takeBackAlternatives(of: Self.setting(key), unlessIn: options) }
    for setting in Root.table {
      guard let texts = options[setting.key] else { continue }
      try setting.set(&settings, .texts(texts))
      given.insert(setting.key)
    }
  }

  private mutating func takeBackAlternatives(
    of setting: Setting<Root>, unlessIn options: [String: [String]]
  ) throws(SettingError) {
    for key in setting.alternatives where options[key] == nil {
      try Self.setting(key).reset(&settings)
      given.remove(key)
    }
  }

  /// The settings, checked together.
  ///
  /// - Throws: `missing`, `combination`.
  public func finish() throws(SettingError) -> Root {
    for setting in Root.table where setting.isRequired && !given.contains(setting.key) {
      throw .missing(key: setting.key)
    }
    try settings.check()
    return settings
  }

  private static func setting(_ key: String) throws(SettingError) -> Setting<Root> {
    let table = Root.table
    if let setting = table.first(where: { $0.key == key }) { return setting }
    throw .unknown(key: key, nearest: Spelling.nearest(to: key, in: table.map(\.key)))
  }
}
