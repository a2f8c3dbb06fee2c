import RefluxJSON
import RefluxSettings
import TestSupport
import Testing

enum Flavour: String, SettingChoice, Equatable {
  case sweet, salty
  static func canonical(_ name: String) -> String { name == "sugary" ? "sweet" : name }
}

/// A setting of every kind.
struct SoupSettings: Settings, Equatable {
  var pot = ""
  var ladle: String?
  var spices: [String] = []
  var minutes: Int?
  var hours: Double?
  var salt: Float = 0.1
  var heat = 0.5
  var seed: UInt64 = 7
  var lid = false
  var flavour = Flavour.salty
  var plates: CommaList<Int>?
  var rows = RecordRange.all

  static let verb = "cook"
  static let groups: [SettingGroup<SoupSettings>] = [
    SettingGroup(
      "",
      [
        .path("pot", \.pot, "The pot."), .path("ladle", \.ladle, "The ladle."),
        .paths("spices", \.spices, "Jars."),
        Setting("minutes", \.minutes, in: .within(1...600), "Time.").instead(of: "hours"),
        Setting("hours", \.hours, in: .above(0), "Time.").instead(of: "minutes"),
        Setting("salt", \.salt, in: .within(0..<1), "Share of salt.").identity,
        Setting("heat", \.heat, in: .within(0...1), "Share of the flame."),
      ]),
    SettingGroup(
      "More",
      [
        Setting("seed", \.seed, "Seed."), Setting("lid", \.lid, "With a lid."),
        Setting("flavour", \.flavour, "Taste."),
        Setting("plates", \.plates, in: .within(1...9), "Plates."),
        Setting("rows", \.rows, "Rows."),
      ]),
  ]

  func check() throws(SettingError) {
    if minutes != nil && hours != nil { throw .combination("minutes or hours") }
  }
}

struct SettingsTests {
  private func read(
    _ text: String, options: [String: [String]] = [:]
  ) throws -> SoupSettings {
    var reader = SettingReader<SoupSettings>()
    try reader.read(RunFile<SoupSettings>(JSONValue(parsing: Array(text.utf8))).object)
    try reader.read(options: options)
    return try reader.finish()
  }

  @Test func readsWhatItWrites() throws {
    var soup = SoupSettings()
    soup.pot = "a/b"
    soup.ladle = "l"
    soup.spices = ["x", "y \"z\""]
    soup.hours = 0.1
    soup.salt = 0.3
    soup.heat = 1e-9
    soup.seed = .max
    soup.lid = true
    soup.flavour = .sweet
    soup.plates = CommaList([3, 1])
    soup.rows = try #require(RecordRange(text: "3..<9"))
    let bytes = RunFile(soup, software: "soup 1").bytes
    #expect(try read(String(decoding: bytes, as: UTF8.self)) == soup)
    var plain = SoupSettings()
    plain.pot = "p"
    let text = String(decoding: RunFile(plain, software: "soup 1").bytes, as: UTF8.self)
    #expect(try read(text) == plain)
    #expect(text.hasPrefix("{\n  \"verb\": \"cook\",\n  \"software\": \"soup 1\",\n  \"pot\""))
  }

  @Test func optionsWinOverTheFile() throws {
    let file = #"{"pot": "p", "minutes": 5, "spices": ["a"], "lid": true, "salt": 0.5}"#
    let soup = try read(
      file, options: ["spices": ["b", "c"], "lid": ["false"], "salt": ["0.2"], "plates": ["1,2"]])
    #expect(soup.spices == ["b", "c"] && !soup.lid && soup.salt == 0.2 && soup.minutes == 5)
    #expect(soup.plates?.elements == [1, 2])
    // What says the same in another way gives way.
    let other = try read(file, options: ["hours": ["2"]])
    #expect(other.minutes == nil && other.hours == 2)
    #expect(throws: SettingError.combination("minutes or hours")) {
      try read(file, options: ["hours": ["2"], "minutes": ["2"]])
    }
  }

  @Test(arguments: [
    (#"{"pot": "p", "Salt": 1}"#, "no setting 'Salt'; did you mean 'salt'?"),
    (#"{"pot": "p", "heta": 1}"#, "no setting 'heta'; did you mean 'heat'?"),
    (#"{"pot": "p", "xyzzy": 1}"#, "no setting 'xyzzy'"),
    (#"{"pot": "p", "heat": 2}"#, "'heat' is 2, expected a number of 0 to 1"),
    (#"{"pot": "p", "heat": "2"}"#, "'heat' is '2', expected a number of 0 to 1"),
    (#"{"pot": "p", "heat": null}"#, "'heat' is null, expected a number of 0 to 1"),
    (#"{"pot": "p", "salt": 1}"#, "'salt' is 1, expected a number of 0 to below 1"),
    (#"{"pot": "p", "salt": 1e300}"#, "'salt' is 1e+300, expected a number of 0 to below 1"),
    (#"{"pot": "p", "minutes": 2.5}"#, "'minutes' is 2.5, expected a whole number of 1 to 600"),
    (#"{"pot": "p", "minutes": 1e400000}"#, ""),
    (
      #"{"pot": "p", "minutes": 99999999999999999999}"#,
      "'minutes' is 1e+20, expected a whole number of 1 to 600"
    ),
    (#"{"pot": "p", "seed": -1}"#, "'seed' is -1, expected a whole number of 0 to 2^64 - 1"),
    (#"{"pot": "p", "lid": 1}"#, "'lid' is 1, expected true or false"),
    (#"{"pot": "p", "flavour": "sour"}"#, "'flavour' is 'sour', expected sweet or salty"),
    (
      #"{"pot": "p", "plates": [1, 10]}"#,
      "'plates' is an array, expected a list, each a whole number of 1 to 9"
    ),
    (#"{"pot": "p", "rows": "9..<3"}"#, "'rows' is '9..<3', expected a range A..<B"),
    (#"{"pot": "p\u0000q"}"#, "'pot' is 'p\u{0}q', expected a text"),
    (#"{"pot": ["p"]}"#, "'pot' is an array, expected a text"),
    (#"{"heat": 1}"#, "'pot' is missing"),
    ("[]", "found an array, expected a JSON object of settings"),
    (#"{"verb": "bake"}"#, "holds settings of 'bake', expected those of 'cook'"),
  ])
  func saysWhatIsWrong(text: String, message: String) {
    do {
      _ = try read(text)
      Issue.record("\(text) was taken")
    } catch let error as SettingError {
      #expect(error.description == message)
    } catch {
      #expect(error is JSONError && message.isEmpty, "\(error)")
    }
  }

  @Test func takesOtherNamesAndWritesItsOwn() throws {
    let soup = try read(#"{"pot": "p", "flavour": "sugary", "minutes": 6e1, "seed": "7"}"#)
    #expect(soup.flavour == .sweet && soup.minutes == 60)
    #expect(soup.json["flavour"] == .string("sweet"))
  }

  @Test func changesPathsAndNothingElse() throws {
    let soup = try read(#"{"pot": "p", "ladle": "l", "spices": ["a", "b"], "flavour": "sweet"}"#)
    let moved = soup.rebased { "f/" + $0 }
    #expect(moved.pot == "f/p" && moved.ladle == "f/l" && moved.spices == ["f/a", "f/b"])
    #expect(moved.flavour == .sweet && moved.rebased { _ in "x" }.minutes == soup.minutes)
  }
}
