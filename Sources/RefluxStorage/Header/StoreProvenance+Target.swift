internal import RefluxBytes
internal import RefluxTargets

/// Which distribution the sets are of, as a header says it (SPEC.md, section 3.5).
extension StoreProvenance {
  /// Temperatures of a teacher's softmax.
  public static let temperatureRange = 0.01...100.0
  /// Exponents of the scalar `power`.
  public static let gammaRange = 0.01...8.0

  /// The feature bits of the header.
  var features: UInt32 { hasOwnTarget ? StoreLimits.targetFeature : 0 }

  /// Whether the sets are of another distribution than the teacher's at temperature 1.
  private var hasOwnTarget: Bool { !isCorrected || temperature != 1 }

  private static let tempered = "tempered"

  /// What the header calls the distribution that counts are drawn from: `tempered` where they are
  /// not corrected, else empty.
  public var target: String { isCorrected ? "" : Self.tempered }

  /// How the sets came about, for people.
  public var drawing: String {
    var parts = [estimator, "\(rounds) rounds", "tau \(Quantity.decimal(tau))"]
    if !isCorrected { parts[2] += " uncorrected" }
    if temperature != 1 { parts.append("temperature \(Quantity.decimal(temperature))") }
    if let gamma { parts.append("gamma \(Quantity.decimal(gamma))") }
    return (parts + ["seed \(seed)"]).joined(separator: ", ")
  }

  /// Texts that say it; those that are not needed are empty, so that none is written.
  var targetTexts: [String: String] {
    var texts: [String: String] = [:]
    if hasOwnTarget {
      texts["target"] = target
      texts["temperature"] = temperature == 1 ? "" : Self.text(temperature)
    }
    if let gamma { texts["gamma"] = Self.text(gamma) }
    return texts
  }

  /// Takes the texts that `features` and the field `power` bind out of the notes.
  mutating func takeTarget(_ features: UInt32, hasPower: Bool) throws(StoreError) {
    if features & StoreLimits.targetFeature != 0 {
      let target = notes.removeValue(forKey: "target") ?? ""
      guard target.isEmpty || target == Self.tempered else {
        throw Self.fault("target", expected: Self.tempered, found: String(target.prefix(80)))
      }
      isCorrected = target.isEmpty
      if let text = notes.removeValue(forKey: "temperature") {
        temperature = try Self.number("temperature", text)
        guard temperature != 1 else {
          throw Self.fault("temperature", expected: "none where it is 1", found: text)
        }
      }
      guard hasOwnTarget else {
        throw Self.fault("feature bits", expected: "a target or a temperature", found: "neither")
      }
    }
    if hasPower {
      guard let text = notes.removeValue(forKey: "gamma") else {
        throw Self.fault("gamma", expected: "a number", found: "none")
      }
      gamma = try Self.number("gamma", text)
    }
  }

  /// The first rule that the target breaks beside the records' schema, or nil.
  func targetFault(
    _ kind: RecordKind, _ schema: StoreSchema
  ) -> (name: String, expected: String, found: String)? {
    let hasPower = schema.extras.contains(.power)
    if hasOwnTarget, kind != .samples { return ("target", "none in a token store", "one") }
    if !Self.temperatureRange.contains(temperature) {
      return ("temperature", "0.01 to 100", "\(temperature)")
    }
    if !isCorrected {
      if schema.values != .counts { return ("target", "counts where tempered", "weights") }
      if !(tau > 0) || tau == 1 { return ("tau", "above 0 and not 1 where tempered", "\(tau)") }
    }
    if hasPower != (gamma != nil) {
      let found = gamma.map { "\($0)" } ?? "none"
      return ("gamma", hasPower ? "a number" : "none without the field power", found)
    }
    if let gamma, !Self.gammaRange.contains(gamma) { return ("gamma", "0.01 to 8", "\(gamma)") }
    return nil
  }

  /// A number in its fewest decimal digits.
  private static func text(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func number(_ name: String, _ text: String) throws(StoreError) -> Double {
    let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
    guard isDecimal, let number = Double(text), Self.text(number) == text else {
      throw fault(
        name, expected: "a decimal number in its fewest digits", found: String(text.prefix(80)))
    }
    return number
  }

  private static func fault(_ name: String, expected: String, found: String) -> StoreError {
    StoreHeader.fault(108, name, expected: expected, found: found)
  }
}
