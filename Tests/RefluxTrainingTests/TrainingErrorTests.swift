import Foundation
import LearningSupport
import RefluxFiles
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// What goes wrong in training says so, and loses nothing that was written before.
struct TrainingErrorTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func trainer(
    _ objective: ObjectiveName, samples: SampleStore? = nil, teacher: Bool = false,
    checkpoint: String? = nil, change: (inout TrainingConfiguration) -> Void = { _ in }
  ) throws -> Trainer {
    var configuration = setup.configuration(objective)
    change(&configuration)
    let workers = Workers(count: 2)
    return try Trainer(
      configuration, decoder: setup.decoder("grouped", workers: workers), tokens: setup.tokens,
      samples: samples, teacher: teacher ? setup.decoder("teacher", workers: workers) : nil,
      checkpointPath: checkpoint)
  }

  /// The description of the training error that `body` throws.
  private func message(_ body: () throws -> Void) throws -> String {
    let error = #expect(throws: TrainingError.self) { try body() }
    let text = "\(try #require(error))"
    #expect(!text.contains("\n") && text.first?.isUppercase == false, "\(text)")
    return text
  }

  // MARK: Divergence

  @Test func lossThatIsNotANumberStopsAndKeepsTheCheckpoint() throws {
    let path = setup.folder.file("checkpoint")
    let trainer = try trainer(.ce, checkpoint: path) { $0.checkpointSteps = 4 }
    let text = try message {
      _ = try trainer.run(onStep: { report in
        if report.step == 5 {
          trainer.decoder.weights[3] = .nan
          trainer.decoder.weightsChanged()
        }
      })
    }
    #expect(text.contains("step 6") && text.contains("learning rate"))
    #expect(text.contains(path) && text.contains("intact"))
    #expect(trainer.step == 5)
    let again = try self.trainer(.ce, checkpoint: path)
    #expect(try again.restoreCheckpoint())
    #expect(again.step == 4 && again.weights.allSatisfy(\.isFinite))
    let reports = try again.reports()
    let expected = try self.trainer(.ce).reports()
    #expect(reports.map(\.loss) == expected[4...].map(\.loss))
  }

  @Test func divergenceWithoutACheckpointPromisesNone() throws {
    let trainer = try trainer(.ce, checkpoint: setup.folder.file("none"))
    trainer.decoder.weights[0] = .infinity
    let text = try message { _ = try trainer.run() }
    #expect(text.contains("step 1") && !text.contains("intact"))
    #expect(!FileSystem.exists(path: setup.folder.file("none")))
  }

  /// Infinite gradients must not reach the weights, whatever the loss says.
  @Test(arguments: ObjectiveName.trained)
  func badStepsLeaveTheWeightsAlone(objective: ObjectiveName) throws {
    let trainer = try setup.trainer("plain", setup.configuration(objective))
    let place = trainer.decoder.table.head + 5
    trainer.decoder.weights[place] = .nan
    let before = trainer.weights.map(\.bitPattern)
    #expect(try message { _ = try trainer.run() }.contains("step 1"))
    #expect(trainer.weights.map(\.bitPattern) == before)
  }

  @Test func teacherThatIsNotFiniteIsNoticed() throws {
    let workers = Workers(count: 2)
    let teacher = try setup.decoder("teacher", workers: workers)
    teacher.weights[teacher.table.finalNorm.gain.offset] = .nan
    let trainer = try Trainer(
      setup.configuration(.fullkd), decoder: setup.decoder("grouped", workers: workers),
      tokens: setup.tokens, teacher: teacher)
    #expect(try message { _ = try trainer.run() }.contains("step 1"))
  }

  // MARK: Parts that do not belong together

  @Test func objectivesNameWhatTheyNeed() throws {
    #expect(try message { _ = try trainer(.rskd) }.contains("a sample store"))
    #expect(try message { _ = try trainer(.topk) }.contains("a sample store"))
    #expect(try message { _ = try trainer(.fullkd) }.contains("a teacher"))
  }

  @Test func samplesOfAnotherEstimatorAreRefused() throws {
    let (drawn, top) = (try setup.drawn(), try setup.top())
    #expect(try message { _ = try trainer(.rskd, samples: top) }.contains("topk"))
    #expect(try message { _ = try trainer(.topk, samples: drawn) }.contains("multinomial"))
  }

  @Test func samplesOfAnotherContextAreRefused() throws {
    let samples = try setup.drawn()
    let text = try message { _ = try trainer(.rskd, samples: samples) { $0.feed.window = 6 } }
    #expect(text.contains("12") && text.contains("6"))
  }

  @Test func samplesOfOtherTokensAreRefusedWithBothHashes() throws {
    var provenance = setup.provenance("multinomial")
    provenance.tokensHash ^= 0x100
    let samples = try setup.drawn(provenance: provenance)
    let text = try message { _ = try trainer(.rskd, samples: samples) }
    for hash in [provenance.tokensHash, setup.tokens.fingerprint] {
      #expect(text.lowercased().contains(String(hash, radix: 16)), "\(text)")
    }
  }

  /// Ids that the student does not have would be written beyond its logits.
  @Test func samplesOfALargerVocabularyAreRefused() throws {
    let samples = try setup.larger()
    let text = try message { _ = try trainer(.rskd, samples: samples) }
    #expect(text.contains("5000") && text.contains("67"))
  }

  @Test func studentOfAnotherVocabularyIsRefusedWithBothSizes() throws {
    let tokens = try TrainingSetup.tokenStore(
      setup.data.tokens, vocabulary: TrainingSetup.otherVocabulary,
      at: setup.folder.file("other.rfx"))
    let text = try message {
      _ = try Trainer(
        setup.configuration(.ce), decoder: setup.decoder("grouped", workers: Workers(count: 1)),
        tokens: tokens)
    }
    #expect(text.contains("\(TrainingSetup.otherVocabulary)") && text.contains("67"))
  }

  @Test func teacherOfAnotherVocabularyIsRefused() throws {
    let workers = Workers(count: 1)
    let sizes = DecoderConfiguration(
      vocabularySize: TrainingSetup.otherVocabulary, hiddenSize: 8, intermediateSize: 8,
      layers: 1, heads: 1)
    let other = try sizes.makeModel(window: 12, workers: workers)
    let text = try message {
      _ = try Trainer(
        setup.configuration(.fullkd), decoder: setup.decoder("grouped", workers: workers),
        tokens: setup.tokens, teacher: other)
    }
    #expect(text.contains("\(TrainingSetup.otherVocabulary)") && text.contains("67"))
  }

  @Test func windowBeyondTheDecodersIsRefused() throws {
    let text = try message { _ = try trainer(.ce) { $0.feed.window = 13 } }
    #expect(text.contains("13") && text.contains("12"))
  }

  @Test func tooFewTokensAreRefused() throws {
    let text = try message { _ = try trainer(.ce) { $0.feed.batch = 31 } }
    #expect(text.contains("361") && text.contains("373"))
  }

  @Test func impossibleConfigurationsAreNamed() throws {
    let changes: [(String, (inout TrainingConfiguration) -> Void)] = [
      ("batch", { $0.feed.batch = 0 }), ("window", { $0.feed.window = 0 }),
      ("steps", { $0.steps = 0 }),
      ("warm-up", { $0.warmupSteps = 11 }), ("warm-up", { $0.warmupSteps = -1 }),
      ("rate", { $0.peakRate = -1 }), ("rate", { $0.peakRate = .nan }),
      ("decay", { $0.weightDecay = .nan }), ("clip", { $0.clipNorm = -1 }),
      ("checkpoint", { $0.checkpointSteps = -1 }), ("floor", { $0.floorShare = .nan }),
      ("floor", { $0.floorShare = -1 }), ("floor", { $0.floorShare = 1.5 }),
      ("batch", { $0.feed.batch = .max }), ("window", { $0.feed.window = .max }),
      ("steps", { $0.steps = .min }),
    ]
    for (name, change) in changes {
      let text = try message { _ = try trainer(.ce, change: change) }
      #expect(text.contains(name), "\(text)")
    }
  }

  /// A teacher or sample sets that an objective does not read change nothing.
  @Test(arguments: [ObjectiveName.ce, .rskd])
  func partsThatAreNotReadDecideNothing(objective: ObjectiveName) throws {
    let drawn = try setup.drawn()
    let path = setup.folder.file("checkpoint")
    let plain = try trainer(objective, samples: drawn, checkpoint: path)
    let expected = try plain.reports(until: 5).map(\.loss)
    let loaded = try trainer(objective, samples: drawn, teacher: true, checkpoint: path)
    #expect(try loaded.reports(until: 5).map(\.loss) == expected)
    #expect(try trainer(objective, samples: drawn, checkpoint: path).restoreCheckpoint())
  }

  // MARK: Checkpoints

  @Test func checkpointOfAnotherRunIsRefused() throws {
    let path = setup.folder.file("checkpoint")
    // After the warm-up, where every setting has shown.
    _ = try trainer(.ce, checkpoint: path).reports(until: 5)
    let changes: [(inout TrainingConfiguration) -> Void] = [
      { $0.steps = 11 }, { $0.feed.seed = 1 }, { $0.feed.order = .shuffled },
      { $0.peakRate = 0.02 },
      { $0.weightDecay = 0 }, { $0.feed.batch = 2 }, { $0.feed.window = 6 }, { $0.warmupSteps = 2 },
      { $0.clipNorm = 2 }, { $0.floorShare = 0.2 },
      { ($0.objective, $0.kind) = (ObjectiveChoice(.fullkd), .dense) },
    ]
    for change in changes {
      let other = try trainer(.ce, teacher: true, checkpoint: path, change: change)
      let before = other.weights
      let text = try message { _ = try other.restoreCheckpoint() }
      #expect(text.contains("another run"))
      #expect(other.weights == before && other.step == 0)
    }
  }

  /// Sample sets are a part of the run as much as tokens are.
  @Test func checkpointOfOtherSamplesIsRefused() throws {
    let path = setup.folder.file("checkpoint")
    _ = try trainer(.rskd, samples: setup.drawn(), checkpoint: path).reports(until: 2)
    let samples = try setup.drawn("other.rfx", shift: 1)
    let other = try trainer(.rskd, samples: samples, checkpoint: path)
    #expect(try message { _ = try other.restoreCheckpoint() }.contains("another run"))
  }

  /// So is the teacher of an online run.
  @Test func checkpointOfAnotherTeacherIsRefused() throws {
    let path = setup.folder.file("checkpoint")
    _ = try trainer(.fullkd, teacher: true, checkpoint: path).reports(until: 2)
    let workers = Workers(count: 2)
    let teacher = try setup.decoder("teacher", workers: workers)
    teacher.weights[7] += 0.5
    let other = try Trainer(
      setup.configuration(.fullkd), decoder: setup.decoder("grouped", workers: workers),
      tokens: setup.tokens, teacher: teacher, checkpointPath: path)
    #expect(try message { _ = try other.restoreCheckpoint() }.contains("another run"))
  }

  @Test func checkpointOfAnotherModelIsRefused() throws {
    let path = setup.folder.file("checkpoint")
    _ = try trainer(.ce, checkpoint: path).reports(until: 2)
    let other = try setup.trainer(
      "plain", setup.configuration(.ce), checkpoint: path)
    _ = try message { _ = try other.restoreCheckpoint() }
  }

  @Test func damagedCheckpointsAreRefused() throws {
    let path = setup.folder.file("checkpoint")
    _ = try trainer(.ce, checkpoint: path).reports(until: 2)
    let bytes = try FileSystem.readFile(path: path)
    var damaged: [(String, [UInt8])] = [
      ("empty", []), ("text", Array("not a checkpoint".utf8)),
      ("without its end", Array(bytes.dropLast())), ("cut in the header", Array(bytes[..<100])),
      ("longer", bytes + [0]),
    ]
    for offset in [bytes.count - 1, bytes.count / 2, bytes.count * 3 / 4] {
      var flipped = bytes
      flipped[offset] ^= 0x10
      damaged.append(("flipped at \(offset)", flipped))
    }
    for (name, content) in damaged {
      try FileSystem.writeFile(path: path, bytes: content)
      let other = try trainer(.ce, checkpoint: path)
      #expect(throws: TrainingError.self, "\(name)") { _ = try other.restoreCheckpoint() }
    }
    try FileSystem.writeFile(path: path, bytes: bytes)
    #expect(try trainer(.ce, checkpoint: path).restoreCheckpoint())
  }

  /// The values' hash says nothing of the numbers beside them.
  @Test func checkpointsOfImpossiblePlacesAreRefused() throws {
    let path = setup.folder.file("checkpoint")
    _ = try trainer(.ce, checkpoint: path).reports(until: 2)
    let bytes = try FileSystem.readFile(path: path)
    let count = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: bytes[8..<8 + count], as: UTF8.self)
    let step = #""step":"2""#
    #expect(header.contains(step) && header.contains(#"\"epoch\":0"#))
    let changes = [
      (step, #""step":"9223372036854775807""#), (step, #""step":"-1""#), (step, #""step":"1""#),
      (#"\"epoch\":0"#, #"\"epoch\":281474976710657"#), (#"\"epoch\":0"#, #"\"epoch\":-1"#),
      (#"\"window\":"#, #"\"window\":999"#), (#"\"window\":"#, #"\"widow\":"#),
    ]
    for (old, new) in changes {
      let text = Array(header.replacing(old, with: new).utf8)
      let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
      try FileSystem.writeFile(path: path, bytes: length + text + bytes[(8 + count)...])
      let other = try trainer(.ce, checkpoint: path)
      #expect(throws: TrainingError.self, "\(new)") { _ = try other.restoreCheckpoint() }
      #expect(other.step == 0)
    }
  }

  @Test func noCheckpointIsNoError() throws {
    #expect(try !trainer(.ce, checkpoint: setup.folder.file("none")).restoreCheckpoint())
    #expect(try !trainer(.ce).restoreCheckpoint())
  }

  /// A checkpoint that cannot be written ends the run, and the one before stays.
  @Test func checkpointThatCannotBeWrittenKeepsTheOneBefore() throws {
    let path = setup.folder.file("checkpoint")
    _ = try trainer(.ce, checkpoint: path).reports(until: 2)
    let before = try FileSystem.readFile(path: path)
    // A folder stands where the temporary file would be written.
    try FileSystem.createDirectory(path: path + AtomicFile.partialSuffix + "/x")
    let second = try trainer(.ce, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    _ = try message { _ = try second.run() }
    #expect(try FileSystem.readFile(path: path) == before)
  }
}
