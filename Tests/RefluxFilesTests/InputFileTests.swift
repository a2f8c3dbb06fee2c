import Foundation
import RefluxFiles
import TestSupport
import Testing

/// What is refused as an input, at once and before anything of it is read.
@Suite struct InputFileTests {
  private let folder = TemporaryFolder(isSmall: true)

  /// Both ways of reading a file.
  private func expect(
    _ error: FileError, _ path: String, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: location) {
      try FileSystem.readFile(path: path, as: .modelConfiguration)
    }
    #expect(throws: error, sourceLocation: location) { _ = try MappedFile(path: path) }
  }

  /// A pipe without a writer would be waited for.
  @Test func pipesAreNotWaitedFor() {
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    expect(.notAFile, folder.file("pipe"))
  }

  @Test func foldersDevicesAndSocketsAreRefused() throws {
    expect(.notAFile, folder.path)
    let link = folder.file("config.json")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/zero")
    expect(.notAFile, link)
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(folder.file("s").utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    expect(.notAFile, folder.file("s"))
  }

  /// Every kind has a limit, and a file beyond it is refused by its size: this one has no bytes.
  @Test(arguments: WholeFile.allCases)
  func largeFilesAreRefusedBeforeReading(kind: WholeFile) throws {
    let path = try folder.write([], to: "large")
    #expect(truncate(path, 1 << 40) == 0)
    #expect(throws: FileError.tooLarge(limit: kind.limit)) {
      try FileSystem.readFile(path: path, as: kind)
    }
    #expect(kind.limit <= 1 << 26)
  }

  @Test func pointersOfLargeFileStorageAreNamed() throws {
    let text = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 12345

      """
    let path = try folder.write(Array(text.utf8), to: "model.safetensors")
    expect(.pointer, path)
    #expect(try MappedFile(path: path, isText: true).count == text.utf8.count)
    #expect(
      "\(FileError.pointer)"
        == "a Git LFS pointer in place of the file; fetch the file with 'git lfs pull'")
    // Texts that only begin in the same way.
    let other = try folder.write(Array("version 2".utf8), to: "other")
    #expect(try FileSystem.readFile(path: other, as: .mix) == Array("version 2".utf8))
  }

  @Test func theLimitsOfMappingsAreNamed() {
    #expect(
      "\(FileError.failed(.map, code: ENOMEM))".hasSuffix(
        "; raise the limits of mapped files (vm.max_map_count) and of address space (ulimit -v)"))
  }
}
