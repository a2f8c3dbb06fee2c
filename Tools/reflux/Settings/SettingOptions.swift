import ArgumentParser
import RefluxFiles
import RefluxJSON
import RefluxRecipes
import RefluxSettings

/// All options of a verb, made from the table of its settings, and `--config` beside them.
///
/// The argument parser finds options by looking at the properties of a value; this one shows it the
/// rows of the table instead. No setting can be without an option, and none is written down here.
struct SettingOptions<Root: Settings>: ParsableArguments, CustomReflectable {
  private var texts: [String: [String]] = [:]
  private var file = ConfigOptions()

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SettingKey.self)
    for (number, group) in Self.groups.enumerated() {
      texts.merge(try group.read(container, Self.key(number)), uniquingKeysWith: { $1 })
    }
    file = try container.decode(OptionGroup<ConfigOptions>.self, forKey: Self.fileKey).wrappedValue
  }

  var customMirror: Mirror {
    let groups = Self.groups.enumerated().map { number, group in
      (
        label: Optional(Self.key(number).stringValue),
        value: group.wrapper(Root.groups[number].title)
      )
    }
    let file = (
      label: Optional(Self.fileKey.stringValue), value: OptionGroup<ConfigOptions>() as Any
    )
    return Mirror(self, children: groups + [file], displayStyle: .struct)
  }

  private static var groups: [any SettingTexts.Type] {
    let all: [any SettingTexts.Type] = [
      GroupOptions<Root, 0>.self, GroupOptions<Root, 1>.self, GroupOptions<Root, 2>.self,
      GroupOptions<Root, 3>.self, GroupOptions<Root, 4>.self, GroupOptions<Root, 5>.self,
      GroupOptions<Root, 6>.self, GroupOptions<Root, 7>.self,
    ]
    precondition(Root.groups.count <= all.count, "a table has at most \(all.count) groups")
    return Array(all[..<Root.groups.count])
  }

  private static var fileKey: SettingKey { SettingKey("file") }
  private static func key(_ number: Int) -> SettingKey { SettingKey("group\(number)") }

  /// `reflux train --student <model> ... [<options>]`, with what must be given.
  static var usage: String {
    let required = Root.table.filter(\.isRequired).map { "\($0.option) <\($0.valueText)> " }
    let start = "reflux " + Root.verb + " "
    let alone = required.isEmpty ? "" : "\n" + start + "--config <file> [<options>]"
    return start + required.joined() + "[<options>]" + alone
  }
}

extension SettingOptions {
  /// The file of `--config`.
  var path: String? { file.config }

  /// The settings: defaults, then the run file, then the options. Nil where they were only to be
  /// printed.
  func resolve() throws(Failure) -> Root? {
    var reader = SettingReader<Root>()
    if let path { try read(path, into: &reader) }
    let settings: Root
    do throws(SettingError) {
      try reader.read(options: texts)
      settings = try reader.finish()
    } catch {
      let text = SettingWords<Root>.text(of: error)
      let help = (text.hasSuffix("?") ? "" : ";") + " see 'reflux \(Root.verb) --help'"
      throw Failure(
        "\(Root.verb): \(text)" + (text.contains("; see '") ? "" : help), exitCode: .usage)
    }
    if !file.printConfig { return settings }
    let text = RunFile(settings, software: Reflux.software).bytes
    try Output.write(String(decoding: text, as: UTF8.self))
    return nil
  }

  private func read(_ path: String, into reader: inout SettingReader<Root>) throws(Failure) {
    let bytes = try at(path) { try FileSystem.readFile(path: path, as: .runFile) }
    do {
      try reader.read(RunFile<Root>(JSONValue(parsing: bytes)).object)
    } catch let error as JSONError {
      throw Failure(path: path, error.described(in: bytes), exitCode: .badData)
    } catch let error as SettingError {
      throw Failure(
        path: path, SettingWords<Root>.text(ofFile: error), exitCode: .badData)
    } catch {
      throw Failure(error, at: path)
    }
    let folder = FileSystem.folder(of: path)
    reader.rebase { FileSystem.path($0, from: folder) }
  }
}

/// Options that are about settings and are none.
struct ConfigOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Settings as JSON, such as a run's own run.json; an option wins over the file.",
      valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?
  @Flag(help: "Print all settings as JSON, and do nothing else.")
  var printConfig = false
}
