import Testing

/// The rules find what they are made to find, and nothing else.
struct RuleTests {
  private func lines(
    _ rule: (SourceFile) -> [String], _ text: String
  ) -> [Int] {
    rule(SourceFile(path: "f.swift", text: text)).compactMap { place in
      place.split(separator: ":").last.flatMap { Int($0) }
    }
  }

  @Test func stripsCommentsAndStrings() {
    let text = #"""
      let a = "x // y" // print(1)
      /* one /* two */ print( */ let b = 1
      let c = "\(f("print(")) \" end" + #"raw " \ print("# + d
      let e = """
        print("inner")
        """ + g
      """#
    let code = SourceFile(path: "f.swift", text: text).code
    #expect(code.count == 6)
    #expect(!code.joined().contains("print"))
    #expect(code[1].hasSuffix("let b = 1"))
    #expect(code[2].hasSuffix("+ d"))
    #expect(code[5].hasSuffix("+ g"))
  }

  @Test func findsMisconduct() {
    let text = """
      print("a")
      stream.print(b)
      let printer = footprint(c)
      exit(1)
      try! f()
      // exit(1)
      let home = ProcessInfo.processInfo.environment["HOME"]
      fatalError("x")
      assert(x > 0)
      if x { print(y) }
      """
    #expect(lines(Rules.misconduct, text) == [1, 4, 5, 7, 8, 10])
    #expect(lines(Rules.vanishingChecks, text) == [9])
  }

  @Test func findsUnsafeTypes() {
    let text = """
      let p: UnsafeMutableRawBufferPointer
      span.withUnsafeBytes { _ in }
      let unsafeName = 1
      // UnsafePointer
      """
    #expect(lines(Rules.unsafeTypes, text) == [1, 2])
  }

  @Test func findsOtherWaysOfReading() {
    let text = """
      let a = try Data(contentsOf: url)
      let b = try String(contentsOfFile: path, encoding: .utf8)
      let c = open(path, O_RDONLY)
      let d = try FileSystem.readFile(path: path, as: .mix)
      let e = try FileSystem.readFile(path: path)
      let f = try FileSystem.readFile(
        path: folder + name, as: .notes)
      let g = try FileSystem.readFile(path: path, limit: 1 << 30)
      bytes.append(contentsOf: data)
      // fopen
      """
    #expect(lines(Rules.otherReading, text) == [1, 2, 3, 5, 8])
  }

  @Test func findsWhatIsNotDocumented() {
    let text = """
      public import Foundation
      public struct A {
        public var description: String { "" }
        /// Documented.
        @inlinable
        public func f() {}
        // Only a remark.
        public static func g() {}
        @inlinable public init() {}
        var inner = 0
        /// Two of a kind.
        public let a: Int
        public let b: Int

        public let c: Int
        public static func == (lhs: A, rhs: A) -> Bool { true }
      }
      /// Documented.
      public enum B {}
      public extension B {}
      """
    #expect(lines(Rules.undocumented, text) == [2, 8, 9, 15])
  }

  @Test func findsUnfinishedWorkAndLongLines() {
    let note = "// TO" + "DO: later"
    #expect(lines(Rules.unfinished, "a\n" + note) == [2])
    let fits = String(repeating: "x", count: 100)
    #expect(lines(Rules.longLines, fits + "\n" + fits + "x") == [2])
  }

  @Test func wantsReasonsForUncheckedSendable() {
    let bare = "final class A: @unchecked Sendable {}"
    #expect(lines(Rules.unexplainedSendable, bare) == [1])
    #expect(lines(Rules.unexplainedSendable, "/// Safe because locked.\n" + bare) == [])
  }
}
