import Foundation
import RefluxFiles
import TestSupport
import Testing

/// What the handler of missing pages must leave alone, each in a process of its own.
@Suite struct MapSignalTests {
  static let page = Int(getpagesize())

  /// Maps a file, cuts it and reads zeros: the handler is installed and works.
  static func cutAndRead(_ folder: TemporaryFolder, name: String) throws -> UnsafeRawPointer? {
    let path = try folder.write([UInt8](repeating: 7, count: 4 * page), to: name)
    let file = try MappedFile(path: path)
    guard truncate(path, 0) == 0 else { return nil }
    return file.bytes.withUnsafeBytes { bytes in
      bytes.allSatisfy { $0 == 0 } && file.isCut ? bytes.baseAddress : nil
    }
  }

  /// Reads behind the end of a mapping that is none of the library's; nil lets the system choose
  /// the address.
  static func readForeign(_ folder: TemporaryFolder, at address: UnsafeRawPointer?) throws -> Int32
  {
    let path = try folder.write([UInt8](repeating: 7, count: 4 * page), to: "foreign")
    let descriptor = open(path, O_RDONLY)
    let fixed = address == nil ? 0 : MAP_FIXED
    let place = UnsafeMutableRawPointer(mutating: address)
    let map = mmap(place, 4 * page, PROT_READ, MAP_SHARED | fixed, descriptor, 0)
    guard let map, map != MAP_FAILED, truncate(path, 0) == 0 else { return 1 }
    return Int32(map.load(fromByteOffset: page, as: UInt8.self))
  }

  @Test func foreignMapsStillEndTheProcess() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      let folder = TemporaryFolder(isSmall: true)
      guard try Self.cutAndRead(folder, name: "a") != nil else { exit(1) }
      exit(try Self.readForeign(folder, at: nil))
    }
  }

  @Test func unmappedRangesAreForgotten() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      let folder = TemporaryFolder(isSmall: true)
      guard let address = try Self.cutAndRead(folder, name: "a") else { exit(1) }
      exit(try Self.readForeign(folder, at: address))
    }
  }

  @Test func addressesAreUsedAgain() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let folder = TemporaryFolder(isSmall: true)
      guard let address = try Self.cutAndRead(folder, name: "a") else { exit(1) }
      let bytes = (0..<4 * Self.page).map { UInt8(truncatingIfNeeded: $0) }
      let path = try folder.write(bytes, to: "b")
      var files: [MappedFile] = []
      for _ in 0..<1000 {
        let file = try MappedFile(path: path)
        files.append(file)
        let found = file.bytes.withUnsafeBytes { ($0.baseAddress, $0.elementsEqual(bytes)) }
        guard found.1, !file.isCut else { exit(2) }
        if found.0 == address { exit(7) }
      }
      exit(3)
    }
  }

  @Test func theHandlerBeforeGetsTheRest() async {
    await #expect(processExitsWith: .exitCode(9)) {
      signal(SIGBUS) { number in _exit(number == SIGBUS ? 9 : 1) }
      let folder = TemporaryFolder(isSmall: true)
      guard try Self.cutAndRead(folder, name: "a") != nil else { exit(1) }
      exit(try Self.readForeign(folder, at: nil))
    }
  }

  @Test func theDetailedHandlerBeforeGetsTheRest() async {
    await #expect(processExitsWith: .exitCode(9)) {
      var action = sigaction()
      #if os(Linux)
        action.__sigaction_handler.sa_sigaction = { _, info, _ in _exit(info == nil ? 1 : 9) }
      #else
        action.__sigaction_u.__sa_sigaction = { _, info, _ in _exit(info == nil ? 1 : 9) }
      #endif
      action.sa_flags = SA_SIGINFO
      sigaction(SIGBUS, &action, nil)
      let folder = TemporaryFolder(isSmall: true)
      guard try Self.cutAndRead(folder, name: "a") != nil else { exit(1) }
      exit(try Self.readForeign(folder, at: nil))
    }
  }

  /// A signal that a process sends is no fault, and does not come again by itself.
  @Test func sentSignalsDoWhatTheyDid() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      guard try Self.cutAndRead(TemporaryFolder(isSmall: true), name: "a") != nil else { exit(1) }
      raise(SIGBUS)
      exit(2)
    }
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGBUS, SIG_IGN)
      let folder = TemporaryFolder(isSmall: true)
      guard try Self.cutAndRead(folder, name: "a") != nil else { exit(1) }
      raise(SIGBUS)
      #if os(Linux)
        guard try Self.cutAndRead(folder, name: "b") != nil else { exit(2) }
      #endif
      exit(7)
    }
  }

  @Test func ignoredFaultsStillEndTheProcess() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      signal(SIGBUS, SIG_IGN)
      let folder = TemporaryFolder(isSmall: true)
      guard try Self.cutAndRead(folder, name: "a") != nil else { exit(1) }
      exit(try Self.readForeign(folder, at: nil))
    }
  }

  /// The number of the last error belongs to the code that was interrupted.
  @Test func errnoIsKept() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let folder = TemporaryFolder(isSmall: true)
      let path = try folder.write([UInt8](repeating: 7, count: 4 * Self.page), to: "a")
      let file = try MappedFile(path: path)
      guard truncate(path, 0) == 0 else { exit(1) }
      let isKept = file.bytes.withUnsafeBytes { bytes in
        errno = EXDEV
        let byte = bytes[Self.page]
        return byte == 0 && errno == EXDEV
      }
      exit(isKept && file.isCut ? 7 : 2)
    }
  }
}
