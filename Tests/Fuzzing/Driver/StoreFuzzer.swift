import Foundation
import TestSupport

/// The endless fuzzer of `Tools/fuzz`: libFuzzer calls it with ever new bytes.
///
/// The first byte says what the others are: a file to read as it is, a file to read after its
/// checksums were mended, or commands for a writer.
@main
enum StoreFuzzer {
  static let folder = TemporaryFolder(isSmall: true)

  static func run(_ bytes: [UInt8]) {
    guard let mode = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    do {
      switch mode % 3 {
      case 0: _ = try StoreFuzz.run(rest, in: folder)
      case 1: _ = try StoreFuzz.run(StoreMutation.mend(rest), in: folder)
      default: try WriterFuzz.run(rest, in: folder)
      }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  static func main() {
    var count = Int32(CommandLine.arguments.count)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    arguments.withUnsafeMutableBufferPointer { arguments in
      var start = arguments.baseAddress
      _ = runDriver(&count, &start, runOnce)
    }
  }
}

private func runOnce(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  StoreFuzzer.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// libFuzzer's own main function.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
