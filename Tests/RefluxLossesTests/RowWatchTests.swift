import Foundation
import RefluxMemory
import RefluxTargets
import Testing

@testable import RefluxLosses

/// What a row's loss finds out beside the loss.
struct RowWatchTests {
  private let arena = Arena()

  /// Masses are those of the teacher's ids, whatever the objective makes of them.
  @Test(arguments: RowCase.all.filter(\.kind.isOfSets))
  func massesAreOfTheSet(c: RowCase) throws {
    for (temperature, softcap) in [(1.0, nil), (2, nil), (1, 3)] as [(Double, Double?)] {
      for size in [17, 1025] {
        let example = try RowExample(c, size: size, seed: 40)
        var options = LossOptions()
        (options.temperature, options.softcap, options.distillation) = (temperature, softcap, 0.5)
        let loss = try example.loss(options, arena: arena)
        let z = example.student.map { x in softcap.map { $0 * tanh(Double(x) / $0) } ?? Double(x) }
        let q = ReferenceRow.softmax(z, temperature)
        let found = example.run(loss, watches: true).result
        #expect(abs(found.teacherMass - example.set.weights.reduce(0, +)) < 1e-6)
        #expect(abs(found.studentMass - example.set.ids.reduce(0) { $0 + q[$1] }) < 2e-6)
        let heaviest = zip(example.set.ids, example.set.weights).max { $0.1 < $1.1 }
        #expect(found.agrees == (heaviest?.0 == ReferenceRow.order(z)[0]))
        let plain = example.run(loss).result
        #expect(plain.teacherMass == 0 && plain.loss == found.loss)
      }
    }
  }

  @Test(arguments: RowCase.plain.filter { $0.kind == .dense && !$0.isOfLogits })
  func teachersAgreeByTheirFirstID(c: RowCase) throws {
    var example = try RowExample(c, size: 67, seed: 41)
    let loss = try example.loss(arena: arena)
    let best = ReferenceRow.order(example.teacher.map(Double.init))[0]
    example.student[best] = 30
    #expect(example.run(loss, watches: true).result.agrees)
    example.student[(best + 1) % 67] = 40
    #expect(!example.run(loss, watches: true).result.agrees)
  }

  /// Of equal weights the lower id is the teacher's choice, wherever it stands.
  @Test(arguments: [[3, 9, 5], [9, 5, 3], [5, 9, 3]])
  func tiesGoToTheLowerID(ids: [Int]) throws {
    for (best, agrees) in [(3, true), (5, false), (9, false), (1, false)] {
      var example = try RowExample(RowCase(words: "topk", kind: .topk), size: 17)
      example.set.ids = ids
      example.set.weights = [0.25, 0.25, 0.25]
      example.student[best] = 20
      #expect(example.run(try example.loss(arena: arena), watches: true).result.agrees == agrees)
    }
  }

  @Test(arguments: [TargetKind.sampled, .topk, .dense])
  func boundsThatChangeTheTargetAreSaid(kind: TargetKind) throws {
    for (bound, isCapped) in [("0", false), ("1.05", true), ("1000", false)] {
      let c = RowCase(words: "dkd cap=\(bound)", kind: kind)
      let example = try RowExample(c, size: 67, seed: 42)
      #expect(example.probabilities[example.label] > 0.1)
      let loss = try example.loss(arena: arena)
      #expect(example.run(loss, watches: true).result.isCapped == isCapped)
    }
  }
}
