import Foundation
import TestSupport
import Testing

@testable import reflux

/// Completions and the manual page: made from the program's own verbs and options.
@Suite struct AtHandTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private static func has(_ program: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  /// What bash would offer where the words end.
  private func completions(_ words: [String]) throws -> [String] {
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    try folder.write(
      "complete.sh",
      """
      eval "$("$reflux" --generate-completion-script bash)"
      COMP_WORDS=(\(list)) COMP_CWORD=\(words.count - 1)
      _reflux reflux "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """)
    let run = try command.shell("bash complete.sh")
    #expect(run.exitCode == 0 && run.diagnostics == "", "\(run.diagnostics)")
    return run.output.split(separator: "\n").map(String.init)
  }

  @Test(.enabled(if: has("bash")))
  func bashCompletesVerbsOptionsAndValues() throws {
    #expect(try Set(completions(["reflux", "re"])) == ["recompress", "recover", "report"])
    #expect(try completions(["reflux", "train", "--lo"]).contains("--loss"))
    #expect(try completions(["reflux", "train", "--loss", "r"]) == ["rskd", "rkl"])
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func scriptsAreSound(shell: String) throws {
    let script = try command.run("--generate-completion-script", shell)
    #expect(script.exitCode == 0 && script.output.contains("explain-step"))
    guard Self.has(shell) else { return }
    try folder.write("script", script.output)
    #expect(try command.shell("\(shell) -n script") == .init())
  }

  /// Every verb has a section with its help, and `man` has nothing to say of the page.
  @Test func manualHasAllVerbs() throws {
    let tool = RepositoryFolder.file("Tools/manual")
    let page = try command.shell("'\(tool)' \"$reflux\" >reflux.1")
    #expect(page == .init())
    let text = String(decoding: try folder.bytes("reflux.1"), as: UTF8.self)
    let sections = text.matches(of: /\n\.SS "reflux ([a-z -]+)"/).map { String($0.1) }
    #expect(sections.sorted() == UsageTests.verbs.map { $0.joined(separator: " ") }.sorted())
    guard Self.has("man") else { return }
    let shown = try command.shell("MANWIDTH=90 man --warnings -l reflux.1")
    #expect(shown.exitCode == 0 && shown.diagnostics == "", "\(shown.diagnostics)")
    for line in ["reflux explain-step", "reflux train --student student.json", "EXIT STATUS"] {
      #expect(shown.output.contains(line), "\(line)")
    }
  }
}
