import ArgumentParser
import RefluxCapture

/// One of several equal parts on the command line: `0/8` to `7/8`.
struct PartNumber: ExpressibleByArgument {
  var part: CapturePart

  init?(argument: String) {
    let fields = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard fields.count == 2, let index = Int(fields[0]), let count = Int(fields[1]),
      (1...65_536).contains(count), (0..<count).contains(index)
    else { return nil }
    part = CapturePart(index, of: count)
  }
}
