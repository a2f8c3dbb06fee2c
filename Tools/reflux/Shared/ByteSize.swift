import ArgumentParser

/// A size on the command line: `4GiB`, `500MB`, `64KiB` or plain bytes.
struct ByteSize: ExpressibleByArgument, Equatable {
  var bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), let scale = Self.scale(argument.dropFirst(digits.count))
    else { return nil }
    let bytes = (number * scale).rounded()
    guard bytes < 9e18 else { return nil }
    self.bytes = Int(bytes)
  }

  var defaultValueDescription: String {
    let steps = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
    for (size, name) in steps where bytes >= size && bytes.isMultiple(of: size) {
      return "\(bytes / size)\(name)"
    }
    return "\(bytes)"
  }

  private static func scale(_ unit: Substring) -> Double? {
    switch unit.lowercased() {
    case "", "b": 1
    case "k", "kb": 1e3
    case "m", "mb": 1e6
    case "g", "gb": 1e9
    case "t", "tb": 1e12
    case "ki", "kib": 0x1p10
    case "mi", "mib": 0x1p20
    case "gi", "gib": 0x1p30
    case "ti", "tib": 0x1p40
    default: nil
    }
  }
}
