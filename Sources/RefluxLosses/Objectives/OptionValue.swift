/// The value of an objective's option.
public enum OptionValue: Sendable, Equatable, CustomStringConvertible {
  case number(Double)
  case integer(Int)
  case flag(Bool)
  case word(String)

  /// As it is given: `0.5`, `20`, `yes`, `bucket`.
  public var description: String {
    switch self {
    case .number(let value):
      value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
    case .integer(let value): "\(value)"
    case .flag(let value): value ? "yes" : "no"
    case .word(let value): value
    }
  }
}
