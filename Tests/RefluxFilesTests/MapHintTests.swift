import Foundation
import RefluxFiles
import TestSupport
import Testing

/// Hints change what is in memory, never what is read.
@Suite struct MapHintTests {
  let folder = TemporaryFolder(isSmall: true)
  static let page = Int(getpagesize())

  private func make() throws -> (MappedFile, [UInt8]) {
    let bytes = (0..<10 * Self.page + 100).map { UInt8(truncatingIfNeeded: $0 * 31) }
    return (try MappedFile(path: folder.write(bytes, to: "a")), bytes)
  }

  @Test func bytesStayTheSame() throws {
    let (file, bytes) = try make()
    for access in [FileAccess.random, .sequential, .ordinary] {
      file.expect(access)
      file.prefetch(5..<file.count)
      #expect(file.bytes.withUnsafeBytes { $0.elementsEqual(bytes) })
      file.drop(100..<Int.max)
      file.drop(7..<9)
      #expect(file.bytes.withUnsafeBytes { $0.elementsEqual(bytes) })
    }
    let empty = try MappedFile(path: folder.write([], to: "b"))
    empty.expect(.random)
    empty.drop(0..<Int.max)
    empty.prefetch(0..<Int.max)
  }

  @Test func droppingACutFileKeepsTheZeros() throws {
    let (file, bytes) = try make()
    #expect(truncate(folder.file("a"), off_t(Self.page)) == 0)
    let expected = bytes[..<Self.page] + [UInt8](repeating: 0, count: file.count - Self.page)
    for _ in 0..<2 {
      #expect(file.bytes.withUnsafeBytes { $0.elementsEqual(expected) })
      #expect(file.isCut)
      file.drop(0..<file.count)
    }
  }

  #if os(Linux)
    @Test func droppedPagesAreNoMemoryOfTheProcess() throws {
      let (file, bytes) = try make()
      #expect(file.bytes.withUnsafeBytes { $0.elementsEqual(bytes) })
      #expect(try residentPages(file) == 11)
      file.drop(Self.page + 1..<3 * Self.page)
      #expect(try residentPages(file) == 10, "only whole pages")
      file.drop(0..<file.count)
      #expect(try residentPages(file) == 0)
    }

    /// The pages of a mapping that count as the process's memory.
    private func residentPages(_ file: MappedFile) throws -> Int {
      let address = file.bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
      let start = String(address, radix: 16) + "-"
      let text = String(
        decoding: try FileSystem.readFile(path: "/proc/self/smaps"), as: UTF8.self)
      let lines = text.split(separator: "\n").drop { !$0.hasPrefix(start) }
      let resident = try #require(lines.first { $0.hasPrefix("Rss:") })
      return try #require(Int(resident.split(separator: " ")[1])) * 1024 / Self.page
    }
  #endif
}
