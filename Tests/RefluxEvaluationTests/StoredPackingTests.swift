import Foundation
import LearningSupport
import RefluxEvaluation
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// Evaluation on every way to cut a store, against figures that `References/make_packed.sh` stored:
/// PyTorch and transformers read every run of tokens that a position can see on its own.
struct StoredPackingTests {
  private static let folder = StoredRun.folder + "/packed"

  private func expected(_ packing: Packing) throws -> [String: Double] {
    let path = Self.folder + "/\(packing.rawValue).json"
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
    return try #require(json as? [String: Any]).compactMapValues { $0 as? Double }
  }

  @Test(arguments: Packing.allCases)
  func figuresAreThoseOfTorch(packing: Packing) throws {
    let setup = try TrainingSetup()
    let workers = Workers(count: 2)
    let tokens = try TokenStore(path: Self.folder + "/tokens.rfx")
    let samples = try SampleStore(path: Self.folder + "/\(packing.rawValue).rfx")
    let report = try Evaluator(
      setup.decoder("grouped", workers: workers), window: 12, packing: packing, batch: 5,
      teacher: setup.decoder("teacher", workers: workers)
    ).run(tokens, samples: samples)
    let acceptance = try #require(report.sampleAcceptance)
    let found: [String: (Double?, tolerance: Double)] = [
      "tokens": (Double(report.tokens), 0), "lm_loss": (report.lmLoss, 1e-5),
      "teacher_lm_loss": (report.teacherLoss, 1e-5), "sample_kl": (report.sampleKL, 1e-5),
      "ece_percent": (report.ecePercent, 1e-3),
      "top_one_percent": (report.calibration.accuracyPercent, 1e-9),
      "acceptance_percent": (report.acceptancePercent, 1e-3),
      "top_one_agreement_percent": (report.topOneAgreementPercent, 1e-9),
      "sample_acceptance_percent": (acceptance.percent, 1e-3),
      "sample_acceptance_lower_percent": (acceptance.lowerPercent, 1e-3),
      "sample_acceptance_upper_percent": (acceptance.upperPercent, 1e-3),
    ]
    let expected = try expected(packing)
    for (key, value) in found {
      let (value, wanted) = (try #require(value.0), try #require(expected[key], "\(key)"))
      #expect(abs(value - wanted) <= found[key]!.tolerance, "\(key): \(value), \(wanted)")
    }
  }
}
