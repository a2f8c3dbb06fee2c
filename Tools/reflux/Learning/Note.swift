import ArgumentParser

/// A note on the command line: `key=value`.
struct Note: ExpressibleByArgument {
  var key: String
  var value: String

  init?(argument: String) {
    guard let mark = argument.firstIndex(of: "=") else { return nil }
    key = String(argument[..<mark])
    value = String(argument[argument.index(after: mark)...])
    let isKey = key.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    guard isKey, (1...64).contains(key.utf8.count), (1...4096).contains(value.utf8.count) else {
      return nil
    }
  }
}
