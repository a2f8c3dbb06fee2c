import Foundation
import RefluxRecipes
import TestSupport
import Testing

/// What files are, by their first bytes.
@Suite struct FileContentTests {
  let folder = TemporaryFolder(isSmall: true)

  private static func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
    text.utf16.flatMap { unit -> [UInt8] in
      let bytes = [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)]
      return bigEndian ? bytes.reversed() : bytes
    }
  }

  private static func utf32(_ text: String, bigEndian: Bool) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar -> [UInt8] in
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: scalar.value >> (8 * $0)) }
      return bigEndian ? bytes.reversed() : bytes
    }
  }

  private static let words = String(repeating: "to be or not to be, ", count: 20)

  private static let files: [(String, [UInt8], FileContent)] = [
    ("a.json.gz", [0x1F, 0x8B, 8, 0, 1, 2], .gzip),
    ("a.zst", [0x28, 0xB5, 0x2F, 0xFD, 4], .zstandard),
    ("a.bz2", Array("BZh9".utf8) + [0x31, 0x41, 0x59, 0x26], .bzip2),
    ("a.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0], .xz),
    ("a.zip", Array("PK".utf8) + [3, 4, 0], .zip),
    ("a.parquet", Array("PAR1".utf8) + [0x15, 0, 0x15], .parquet),
    ("a.arrow", Array("ARROW1".utf8) + [0, 0], .arrow),
    ("a.safetensors", [60, 0, 0, 0, 0, 0, 0, 0] + Array(#"{"a":{}}"#.utf8), .safetensors),
    ("a.npy", [0x93] + Array("NUMPY".utf8) + [1, 0], .npy),
    ("a.gguf", Array("GGUF".utf8) + [3, 0], .gguf),
    ("a.pdf", Array("%PDF-1.7\n".utf8), .pdf),
    ("a.rfx", [0x89, 0x52, 0x46, 0x58, 13, 10, 26, 10], .store),
    ("lfs.txt", Array("version https://git-lfs.github.com/spec/v1\noid".utf8), .pointer),
    ("le.txt", [0xFF, 0xFE] + utf16(words, bigEndian: false), .utf16),
    ("be.txt", [0xFE, 0xFF] + utf16(words, bigEndian: true), .utf16),
    ("plain-le.txt", utf16(words, bigEndian: false), .utf16),
    ("plain-be.txt", utf16(words, bigEndian: true), .utf16),
    ("le32.txt", [0xFF, 0xFE, 0, 0] + utf32(words, bigEndian: false), .utf32),
    ("plain-be32.txt", utf32(words, bigEndian: true), .utf32),
    ("zero.bin", [0, 255, 0, 7], .binary), ("image.png", [0x89, 0x50, 0, 1], .binary),
  ]

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let url = URL(fileURLWithPath: folder.file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  @Test func namedFilesAreRefusedByWhatTheyAre() throws {
    for (name, bytes, content) in Self.files {
      try write(name, bytes)
      #expect("\(name)") {
        _ = try TextCorpus(paths: [folder.file(name)])
      } throws: { error in
        guard case RecipeError.noTextFile(_, content) = error else { return false }
        return true
      }
    }
  }

  @Test func foldersCountWhatTheyPassOver() throws {
    for (name, bytes, _) in Self.files { try write("in/" + name, bytes) }
    try write("in/a.txt", Array("text".utf8))
    try write("in/empty", [])
    try write("in/.hidden", [65])
    symlink("a.txt", folder.file("in/link"))
    symlink("..", folder.file("in/up"))
    mkfifo(folder.file("in/pipe"), 0o600)
    let corpus = try TextCorpus(paths: [folder.file("in")])
    #expect(corpus.files.map { $0.path.split(separator: "/").last } == ["a.txt", "link"])
    let counts = Dictionary(
      uniqueKeysWithValues: corpus.passedOver.groups.map { ($0.reason.name, $0.count) })
    for (_, _, content) in Self.files {
      let same = Self.files.filter { $0.2 == content }.count
      #expect(counts[content.rawValue] == same, "\(content)")
    }
    #expect(corpus.passedOver.binaryFiles == Self.files.count)
    for (name, count) in ["empty": 1, "hidden": 1, "link": 1, "special": 1] {
      #expect(counts[name] == count, "\(name)")
    }
    var search = CorpusSearch()
    search.followsLinks = false
    #expect(try TextCorpus(paths: [folder.file("in")], search).files.count == 1)
  }

  @Test func whatCannotBeReadIsNamed() throws {
    try write("in/ok.txt", [65])
    symlink("nowhere", folder.file("in/lost"))
    #expect {
      try TextCorpus(paths: [folder.file("in")])
    } throws: { error in
      (error as? RecipeError)?.path == folder.file("in/lost")
    }
    var search = CorpusSearch()
    search.skipsUnreadable = true
    let corpus = try TextCorpus(paths: [folder.file("in")], search)
    #expect(corpus.files.count == 1)
    #expect(corpus.passedOver.groups.map(\.reason) == [.unreadable])
    #expect(corpus.passedOver.groups.first?.paths == [folder.file("in/lost")])
  }

  @Test func findsLinesOfJSONByTheirContent() throws {
    let lines = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"
    try write("lines.json", Array(lines.utf8))
    try write("marked.json", [0xEF, 0xBB, 0xBF] + Array(lines.utf8))
    try write("pretty.json", Array("{\n \"text\": \"a\"\n}\n".utf8))
    try write("package.json", Array("{\"name\":\"x\",\"version\":1}\n".utf8))
    try write("lines.txt", Array(lines.utf8))
    func layout(_ name: String, _ search: CorpusSearch = CorpusSearch()) throws -> TextFile.Layout?
    {
      try TextCorpus(paths: [folder.file(name)], search).files.first?.layout
    }
    #expect(try layout("lines.json") == .jsonLines)
    #expect(try layout("marked.json") == .jsonLines)
    #expect(try layout("lines.txt") == .jsonLines)
    for name in ["pretty.json", "package.json"] {
      #expect(try layout(name) == .document, "\(name)")
    }
    var search = CorpusSearch()
    search.layout = .document
    #expect(try layout("lines.txt", search) == .document)
    search.layout = nil
    search.field = "name"
    #expect(try layout("package.json", search) == .jsonLines)
  }
}
