import RefluxStorage
import TestSupport
import Testing

/// `reflux diff`: the same, or what differs.
@Suite struct DiffTests {
  let stores = LongStores(folder: TemporaryFolder())
  var folder: TemporaryFolder { stores.folder }
  var command: Command { stores.command }

  private func write(
    _ name: String, _ sets: [(ids: [UInt32], counts: [UInt32])], teacher: String = "teacher"
  ) throws {
    var configuration = SampleStoreConfiguration(
      vocabularySize: 300, capacity: 4,
      provenance: StoreProvenance(teacher: teacher, estimator: "multinomial", rounds: 4))
    configuration.encoding = .plain
    let writer = try SampleStoreWriter(path: folder.file(name), configuration: configuration)
    for set in sets { try writer.append(ids: set.ids, counts: set.counts) }
    _ = try writer.seal()
  }

  private let sets: [(ids: [UInt32], counts: [UInt32])] = [
    ([1], [4]), ([2, 3], [1, 3]), ([4], [4]),
  ]

  @Test func findsTheSameContentInOtherForms() throws {
    try stores.makeTokens()
    try stores.makeSets()
    try stores.done("recompress", "sets.rfx", "--output", "plain.rfx", "--encoding", "plain")
    #expect(
      try command.run("diff", "sets.rfx", "plain.rfx", "--quiet")
        == .init(
          """
          same                 yes
          records compared     12,000
          records different    0
          only in first        0
          only in second       0
          documents different  0
          first difference     -
          header differences   2
          encoding             packed | plain
          software             - | reflux 0.1.0

          """))
    let run = try command.run("diff", "sets.rfx", "plain.rfx", "--json")
    #expect(run.exitCode == 0)
    #expect(
      run.output
        == #"{"same":true,"records_compared":12000,"records_different":0,"only_in_first":0,"#
        + #""only_in_second":0,"documents_different":0,"first_difference":null,"#
        + #""header_differences":[{"name":"encoding","first":"packed","second":"plain"},"#
        + #"{"name":"software","first":"","second":"reflux 0.1.0"}]}"# + "\n")
  }

  @Test func namesTheFirstDifference() throws {
    try write("a.rfx", sets)
    try write("b.rfx", [sets[0], ([2, 3], [2, 2]), ([5], [4]), ([6], [4])], teacher: "b")
    let run = try command.run("diff", "a.rfx", "b.rfx")
    #expect(
      run
        == .init(
          """
          same                 no
          records compared     3
          records different    2
          only in first        0
          only in second       1
          documents different  0
          first difference     position 1
          header differences   1
          first store          {"ids":[2,3],"counts":[1,3],"rounds":4}
          second store         {"ids":[2,3],"counts":[2,2],"rounds":4}
          teacher              teacher | b

          """, diagnostics: "reflux: b.rfx: differs from a.rfx, first at position 1\n", exitCode: 1)
    )
    let json = try command.run("diff", "a.rfx", "b.rfx", "--json")
    #expect(json.exitCode == 1)
    #expect(
      json.output.contains(
        #""first_difference":{"position":1,"first":{"ids":[2,3],"counts":[1,3],"rounds":4},"#
          + #""second":{"ids":[2,3],"counts":[2,2],"rounds":4}},"#))
  }

  @Test func namesWhatOnlyOneHas() throws {
    try write("a.rfx", sets)
    try write("b.rfx", Array(sets[..<2]))
    let run = try command.run("diff", "b.rfx", "a.rfx", "--json")
    #expect(run.exitCode == 1)
    #expect(
      run.output
        == #"{"same":false,"records_compared":2,"records_different":0,"only_in_first":0,"#
        + #""only_in_second":1,"documents_different":0,"first_difference":{"position":2,"#
        + #""first":null,"second":{"ids":[4],"counts":[4],"rounds":4}},"header_differences":[]}"#
        + "\n")
    try write("empty.rfx", [])
    let empty = try command.run("diff", "a.rfx", "empty.rfx")
    #expect(empty.exitCode == 1)
    #expect(empty.diagnostics == "reflux: empty.rfx: differs from a.rfx, first at position 0\n")
    #expect(try command.run("diff", "empty.rfx", "empty.rfx").exitCode == 0)
  }

  @Test func comparesDocumentsOfTokens() throws {
    for (name, documents) in [
      ("a", [[1, 2], [3]]), ("b", [[1], [2, 3]]), ("c", [[1, 2], [4]]),
    ] {
      let writer = try TokenStoreWriter(
        path: folder.file(name + ".rfx"), configuration: TokenStoreConfiguration(vocabularySize: 9))
      for document in documents { try writer.append(document: document.map { UInt32($0) }) }
      _ = try writer.seal()
    }
    #expect(try stores.fingerprint("a.rfx") == stores.fingerprint("b.rfx"))
    let run = try command.run("diff", "a.rfx", "b.rfx")
    #expect(run.exitCode == 1)
    #expect(run.output.contains("\ndocuments different  2\n"))
    #expect(run.diagnostics == "reflux: b.rfx: differs from a.rfx in 2 document starts\n")
    let other = try command.run("diff", "a.rfx", "c.rfx", "--json")
    #expect(
      other.output.contains(
        #""first_difference":{"position":2,"first":{"token":3},"second":{"token":4}},"#))
  }

  @Test func refusesWhatCannotBeCompared() throws {
    try stores.makeTokens()
    try write("a.rfx", sets)
    #expect(
      try command.run("diff", "a.rfx", "tokens.rfx")
        == .init(
          diagnostics: "reflux: tokens.rfx: the store holds tokens, expected samples; "
            + "name a store of samples\n", exitCode: 2))
    for arguments in [["none.rfx", "a.rfx"], ["a.rfx", "none.rfx"]] {
      #expect(
        try command.run(["diff"] + arguments)
          == .init(
            diagnostics:
              "reflux: none.rfx: cannot open: No such file or directory; check the path\n",
            exitCode: 1))
    }
    try stores.damage("a.rfx", into: "damaged.rfx")
    let run = try command.run("diff", "a.rfx", "damaged.rfx")
    #expect(run.exitCode == 2)
    #expect(run.diagnostics.hasPrefix("reflux: damaged.rfx: block 0 at offset "))
  }
}
