import ArgumentParser
import RefluxRecipes
import RefluxSettings
import TestSupport
import Testing

@testable import reflux

/// Every key has an option, every option a key.
@Suite struct SettingOptionTests {
  let command = Command(folder: TemporaryFolder())

  /// Options that are no settings, with the reason.
  static let others = [
    "--config": "where settings come from", "--print-config": "what to do with settings",
    "--help": "shows the help", "--version": "shows the version",
    "--json": "how results are printed", "--quiet": "what is shown beside them",
    "--force": "about what lies in the output at the time",
    "--resume": "about what lies in the output at the time",
    "--dry-run": "does not do what the settings say", "--show": "what is printed of a plan",
  ]

  /// Keys, and those with a default that is not a value, of each table.
  static let tables: [(verb: String, keys: [String])] = [
    keys(TrainSettings.self), keys(CacheSettings.self), keys(EvaluateSettings.self),
    keys(GenerateSettings.self), keys(PlanSettings.self), keys(FeedSettings.self),
    keys(QuickstartSettings.self),
  ]

  private static func keys<Root: Settings>(_ type: Root.Type) -> (String, [String]) {
    (Root.verb, Root.table.map(\.key))
  }

  @Test(arguments: tables)
  func keysAndOptionsAreTheSame(verb: String, keys: [String]) throws {
    let help = try command.run(verb, "--help").output
    let lines = help.components(after: "OPTIONS").split(separator: "\n")
    let options = lines.filter { $0.hasPrefix("  -") }.flatMap { line in
      line.split(whereSeparator: { " ,/<".contains($0) }).prefix { $0.hasPrefix("-") }
    }.map(String.init)
    let known = Set(keys.map { "--" + $0.replacing("_", with: "-") })
    let found = Set(options.filter { $0.hasPrefix("--") }.filter { Self.others[$0] == nil })
    #expect(known.count == keys.count && keys.count > 4)
    let negated = found.filter { known.contains("--" + $0.dropFirst("--no-".count)) }
    #expect(found.subtracting(negated) == known)
    for name in found { #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }) }
  }

  /// The help of a setting says what its type, range and default are.
  @Test func helpSaysTheDefault() throws {
    let help = try command.run("train", "--help").output.split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    for text in [
      "--batch <windows> Windows per batch. (default: 16)",
      "--beta2 <0 to 1> AdamW: decay of the squares' mean. (default: 0.95)",
      "--learning-rate <rate> Peak learning rate. (default: 0.003)",
      "--order <order> Order of windows. (values: shuffled, local, sequential; default: shuffled)",
      "--data-seed <seed> Seed of the order of windows alone. (default: --seed)",
    ] { #expect(help.contains(text), "\(text)") }
    #expect(help.contains("USAGE: reflux train --student <config or model> --loss <loss>"))
  }

  @Test(arguments: [
    (["--batch", "0"], "--batch is '0', expected a whole number of 1 to 65536;"),
    (["--beta1", "1"], "--beta1 is '1', expected a number of 0 to below 1;"),
    (["--learning-rate", "nan"], "--learning-rate is 'nan', expected a number of 0 to 100;"),
    (
      ["--optimizer", "adam"],
      "--optimizer is 'adam', expected adamw or muon; did you mean 'adamw'?"
    ),
    (["--steps", "3", "--epochs", "1"], "missing --student <config or model>;"),
  ])
  func saysWhatIsWrongWithAnOption(arguments: [String], message: String) throws {
    let run = try command.run(["train"] + arguments)
    #expect(
      run
        == .init(
          diagnostics: "reflux: train: \(message) see 'reflux train --help'\n", exitCode: 64))
  }

  @Test(arguments: [
    (["--steps", "3", "--epochs", "1"], "one of --steps and --epochs is needed"),
    (["--steps", "3", "--held-out", "h", "--mix", "m"], "name the stores by one of --tokens"),
    (["--steps", "3", "--evaluate-every", "1"], "--evaluate-every and --evaluate-tokens need"),
    (["--steps", "3", "--temperature", "2"], "temperature of 2.0 changes nothing"),
  ])
  func saysWhatDoesNotGoTogether(arguments: [String], message: String) throws {
    let start = ["train", "--student", "s", "--loss", "ce", "--output", "o", "--tokens", "t"]
    let run = try command.run(start + arguments)
    #expect(run.exitCode == 64 && run.diagnostics.hasPrefix("reflux: train: " + message))
  }
}
